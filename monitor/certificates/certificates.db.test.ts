/** Certificates of real TLS servers, and the messages about them. */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { Server } from 'node:https'
import { createServer } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import { expect } from '@playwright/test'
import type pg from 'pg'
import { cert, key } from '../../fixtures/testing/certificate.ts'
import { messageText } from '../alerts/message-text.ts'
import { type SeenCertificate, usualCertificateRules } from '../store/certificate-level.ts'
import { readCertificates, recordCertificate, reportOpenCertificates } from '../store/certificates.ts'
import { type IsInMaintenance, noMaintenance } from '../store/check-rules.ts'
import { mute } from '../store/mutes.ts'
import type { Send } from '../store/outbox.ts'
import { test as base, deliverAny, monitor } from '../testing/store-fixture.ts'
import { lookDaily } from './daily-look.ts'
import { lookAtCertificate } from './look.ts'
import { recordReplayedCertificates } from './replayed-certificates.ts'

const test = base.extend<{ port: number }>({
  port: async ({}, use) => {
    const server: Server = createServer({ cert, key }, (_, response) => response.end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    await use(Object(server.address()).port)
    server.closeAllConnections()
    server.close()
  },
})

const { signal: running } = new AbortController()
const signal = () => AbortSignal.timeout(10_000)

/** Delivers all messages; returns the title and the lines of each. */
async function deliver(pool: pg.Pool): Promise<string[]> {
  const sent: string[] = []
  const send: Send = async ({ channel, message }) => {
    const { title, lines } = messageText(message)
    sent.push(`${channel} ${[title, ...lines].join('\n')}`)
  }
  while (await deliverAny(pool, send));
  return sent
}

test('a look finds who a certificate is for, when it ends, and why clients do not trust it', async ({ port }) => {
  const look = (host: string, ignoresErrors = false) =>
    lookAtCertificate(`https://${host}:${port}`, { ignoresErrors, signal: signal() })
  const expiresAt = new Date('2126-10-31T04:29:07Z')
  const seen = { subject: '127.0.0.1', issuer: '127.0.0.1', expiresAt, ownExpiresAt: expiresAt }
  expect(await look('127.0.0.1')).toEqual({ ...seen, problem: 'it is self-signed' })
  expect(await look('localhost')).toEqual({
    ...seen,
    problem: expect.stringContaining("does not match certificate's altnames"),
  })
  expect(await look('127.0.0.1', true)).toEqual({ ...seen, problem: undefined })
})

test('each origin of https is looked at once a day, by one instance, and its channels are notified once', async ({
  pool,
  port,
}) => {
  await monitor(pool, { name: 'orders', channels: ['desk'] }, { name: 'users', environment: 'staging' })
  const origin = `https://127.0.0.1:${port}`
  const environments = new Map([
    ['production', { baseURL: `${origin}/api`, origins: ['http://127.0.0.1:1', `${origin}/`] }],
  ])
  const looks = async () => {
    await Promise.all([lookDaily(pool, environments, running), lookDaily(pool, environments, running)])
    return deliver(pool)
  }
  expect(await looks()).toEqual([
    expect.stringMatching(
      /^desk Certificate in production: 127\.0\.0\.1:\d+\n127\.0\.0\.1:\d+: clients do not trust the certificate of 127\.0\.0\.1, issued by 127\.0\.0\.1: it is self-signed \(since /,
    ),
  ])
  expect(await readCertificates(pool)).toMatchObject([{ environment: 'production', origin, subject: '127.0.0.1' }])
  const [first] = await readCertificates(pool)
  expect(await looks()).toEqual([])
  expect(await readCertificates(pool)).toEqual([first])
  // A day later it is seen again; nothing has become worse.
  await pool.query(
    `update reprise.certificates set looked_at = looked_at - interval '1 day', alerted_at = alerted_at - interval '1 day'`,
  )
  expect(await looks()).toEqual([])
  expect((await readCertificates(pool))[0]?.seenAt).not.toEqual(first?.seenAt)
})

test('a server without TLS is left to its checks, and looked at again after an hour', async ({ pool }) => {
  await monitor(pool, { name: 'orders' })
  const server = createHttpServer((_, response) => response.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const environments = new Map([['production', { baseURL: `https://127.0.0.1:${Object(server.address()).port}` }]])
  await lookDaily(pool, environments, running)
  expect(await readCertificates(pool)).toEqual([])
  const { rows } = await pool.query(
    `select round(extract(epoch from clock_timestamp() - looked_at) / 3600)::int as hours from reprise.certificates`,
  )
  expect(rows).toEqual([{ hours: 23 }])
  // An instance that does not know the environment leaves it to another one; without its checks, nothing is left of it.
  for (const left of [1, 0]) {
    await lookDaily(pool, new Map(), running)
    expect((await pool.query('select from reprise.certificates')).rowCount).toBe(left)
    await monitor(pool)
  }
  server.closeAllConnections()
  server.close()
})

test('a stop ends the look at a server that hangs, which is then looked at next', async ({ pool }) => {
  await monitor(pool, { name: 'orders' })
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const environments = new Map([['production', { baseURL: `https://127.0.0.1:${Object(server.address()).port}` }]])
  const connected = once(server, 'connection')
  const stopping = new AbortController()
  const looking = lookDaily(pool, environments, stopping.signal)
  await connected
  stopping.abort()
  await looking
  const again = once(server, 'connection')
  const next = new AbortController()
  const lookingAgain = lookDaily(pool, environments, next.signal)
  await again
  next.abort()
  await lookingAgain
  server.close()
})

test('channels are notified 30, 14, 7, 3 and 1 days before the end, and when it is renewed', async ({ pool }) => {
  await monitor(pool, { name: 'orders' })
  const place = { environment: 'production', origin: 'https://api.example.com' }
  const seen = async (days: number, problem?: string) => {
    // Each look is a day after the one before.
    await pool.query(`update reprise.certificates set alerted_at = alerted_at - interval '1 day'`)
    const expiresAt = new Date(Date.now() + days * 86_400_000 + 60_000)
    await recordCertificate(pool, place, {
      expiresAt,
      ownExpiresAt: expiresAt,
      subject: 'api.example.com',
      issuer: 'R3',
      problem,
    })
    return (await deliver(pool)).map(text => text.replace(/, on [-\d]+/, '').replace(/ \(since .*/, ''))
  }
  const told = (text: string) => [`oncall Certificate in production: api.example.com\napi.example.com: ${text}`]
  const expires = (when: string) => told(`the certificate of api.example.com, issued by R3 expires in ${when}`)
  expect(await seen(31)).toEqual([])
  expect(await seen(29)).toEqual(expires('29 days'))
  expect(await seen(28)).toEqual([])
  expect(await seen(13)).toEqual(expires('13 days'))
  expect(await seen(6)).toEqual(expires('6 days'))
  expect(await seen(4)).toEqual([])
  expect(await seen(2)).toEqual(expires('2 days'))
  expect(await seen(0)).toEqual(expires('less than a day'))
  expect(await seen(-1)).toEqual([expect.stringContaining('issued by R3 expired on ')])
  expect(await seen(-2)).toEqual([])
  expect(await seen(89)).toEqual([expect.stringContaining('oncall Certificate renewed in production: api.example.com')])
  expect(await seen(88, 'it is self-signed')).toEqual([expect.stringContaining('do not trust')])
  expect(await seen(87)).toEqual([expect.stringContaining('Certificate renewed')])
})

test('what becomes worse within a day waits for the next one', async ({ pool }) => {
  await monitor(pool, { name: 'orders' })
  const seen = async (days: number) => {
    const expiresAt = new Date(Date.now() + days * 86_400_000 + 60_000)
    const place = { environment: 'production', origin: 'https://api.example.com' }
    await recordCertificate(pool, place, {
      expiresAt,
      ownExpiresAt: expiresAt,
      subject: 'api.example.com',
      issuer: 'R3',
    })
    return (await deliver(pool)).length
  }
  expect(await seen(20)).toBe(1)
  expect(await seen(5)).toBe(0)
  await pool.query(`update reprise.certificates set alerted_at = alerted_at - interval '1 day'`)
  expect(await seen(5)).toBe(1)
})

test('a certificate that a replay has seen is looked at next, and once more only when it changes', async ({
  pool,
  port,
}) => {
  await monitor(pool, { name: 'orders' })
  const origin = `https://127.0.0.1:${port}`
  const soon = new Date(Date.now() + 5 * 86_400_000).toISOString()
  const replayed = (expiresAt: string) =>
    recordReplayedCertificates(pool, 'production', [{ origin, expiresAt, subject: 'old', issuer: 'R3' }])
  await replayed(soon)
  await replayed(soon)
  expect(await deliver(pool)).toEqual([expect.stringContaining('of old, issued by R3 expires in')])
  const environments = new Map([['production', { baseURL: origin, tls: { ignoreHTTPSErrors: true } }]])
  await lookDaily(pool, environments, running)
  expect(await deliver(pool)).toEqual([expect.stringContaining('Certificate renewed')])
  const [known] = await readCertificates(pool)
  await replayed('2126-10-31T04:29:07.000Z')
  await lookDaily(pool, environments, running)
  expect(await readCertificates(pool)).toEqual([known])
})

test('a message has the version, the trace and the run of the last replay that has seen the certificate', async ({
  pool,
}) => {
  await monitor(pool, { name: 'orders', channels: ['desk'] }, { name: 'users', channels: ['oncall'] })
  const expiresAt = certificateFor(40).ownExpiresAt.toISOString()
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const replayed = (run: string) =>
    recordReplayedCertificates(pool, 'production', [
      {
        ...{ origin: place.origin, expiresAt, subject: 'api.example.com', issuer: 'R3' },
        seenBy: { failingVersion: '2.37.0', traceId, run },
      },
    ])
  const anHourAgo = () => pool.query(`update reprise.certificates set noted_at = noted_at - interval '1 hour'`)
  await replayed('first')
  await replayed('soon after')
  await anHourAgo()
  await replayed('last')
  await replayed('soon after')
  // The daily look, days later, and what a channel that was muted gets afterwards.
  await mute(pool, { kind: 'channel', name: 'oncall' }, { forMs: 60_000 }, 'Ada')
  const look = (days: number, warnDays: number[]) =>
    recordCertificate(
      pool,
      place,
      { ...certificateFor(days), ownExpiresAt: new Date(expiresAt) },
      { rules: { warnDays, criticalDays: 1 }, isInMaintenance: noMaintenance },
    )
  await look(39, [50])
  await pool.query('delete from reprise.mutes')
  await reportOpenCertificates(pool, { rules: { warnDays: [50], criticalDays: 1 }, isInMaintenance: noMaintenance })
  const { rows } = await pool.query('select message, channel from reprise.outbox order by channel')
  expect(rows.map(({ channel, message: { subjects } }) => [channel, subjects[0]])).toMatchObject([
    ['desk', { failingVersion: '2.37.0', traceId, run: 'last' }],
    ['oncall', { failingVersion: '2.37.0', traceId, run: 'last' }],
  ])
  const sent = await deliver(pool)
  expect(sent).toEqual(Array(2).fill(expect.stringContaining(`\n  seen on 2.37.0; trace ${traceId}`)))
  // Of another certificate, it is not known which replay has seen it.
  await nextDay(pool)
  await recordCertificate(pool, place, { ...certificateFor(3), problem: 'it is self-signed' })
  expect(await deliver(pool)).toEqual(Array(2).fill(expect.not.stringContaining('trace')))
})

test('two certificates of one origin in turn are one message a day; a mended one that is old is reported anew', async ({
  pool,
}) => {
  await monitor(pool, { name: 'orders' })
  const place = { environment: 'production', origin: 'https://api.example.com' }
  const seen = async (days: number, problem?: string) => {
    const expiresAt = new Date(Date.now() + days * 86_400_000 + 60_000)
    await recordCertificate(pool, place, {
      ...{ expiresAt, ownExpiresAt: expiresAt, subject: 'api.example.com', issuer: 'R3' },
      problem,
    })
    return (await deliver(pool)).map(text => text.split('\n')[0])
  }
  const [begun, over] = [
    ['oncall Certificate in production: api.example.com'],
    ['oncall Certificate renewed in production: api.example.com'],
  ]
  expect(await seen(20)).toEqual(begun)
  expect(await seen(80)).toEqual(over)
  expect(await seen(20)).toEqual([])
  expect(await seen(80)).toEqual([])
  const nextDay = () => pool.query(`update reprise.certificates set alerted_at = alerted_at - interval '1 day'`)
  await nextDay()
  expect(await seen(20, 'it is self-signed')).toEqual(begun)
  expect(await seen(20)).toEqual(over)
  await nextDay()
  expect(await seen(19)).toEqual(begun)
  await nextDay()
  expect(await seen(6)).toEqual(begun)
})

const place = { environment: 'production', origin: 'https://api.example.com' }
const nextDay = (pool: pg.Pool) =>
  pool.query(`update reprise.certificates set alerted_at = alerted_at - interval '1 day'`)

const certificateFor = (days: number) => {
  const expiresAt = new Date(Date.now() + days * 86_400_000 + 60_000)
  return { expiresAt, ownExpiresAt: expiresAt, subject: 'api.example.com', issuer: 'R3' }
}

test('the end of what is not configured any more is sent, of an origin and of an environment', async ({ pool }) => {
  const stopped = AbortSignal.abort()
  const [orders, mails] = [{ name: 'orders' }, { name: 'mails', environment: 'staging' }]
  await monitor(pool, orders, mails)
  const [origin, other] = ['https://127.0.0.1:1', 'https://127.0.0.1:2']
  for (const place of [
    { environment: 'production', origin },
    { environment: 'production', origin: other },
    { environment: 'staging', origin },
  ]) {
    await recordCertificate(pool, place, certificateFor(5))
  }
  expect(await deliver(pool)).toHaveLength(2)
  const environments = new Map(['production', 'staging'].map(name => [name, { baseURL: origin }]))
  // In a rollout, an instance with the earlier configuration still runs for a while.
  const earlier = new Map([
    ['production', { baseURL: origin, origins: [other] }],
    ['staging', { baseURL: origin }],
  ])
  for (const each of [environments, earlier, environments]) await lookDaily(pool, each, stopped)
  expect(await deliver(pool)).toEqual([])
  await pool.query(`update reprise.certificates set configured_at = configured_at - interval '5 minutes'`)
  await lookDaily(pool, environments, stopped)
  expect(await deliver(pool)).toEqual([
    expect.stringMatching(
      /^oncall Not monitored any more in production: 127\.0\.0\.1:2\n127\.0\.0\.1:2: its certificate is not monitored any more \(from /,
    ),
  ])
  await monitor(pool, orders)
  // Also by an instance whose configuration is older, and once.
  for (const _ of [1, 2]) await lookDaily(pool, environments, stopped)
  expect(await deliver(pool)).toEqual([
    expect.stringContaining('oncall Not monitored any more in staging: 127.0.0.1:1'),
  ])
  expect(await readCertificates(pool)).toMatchObject([{ environment: 'production', origin }])
})

test('the days of the configuration count, and with fewer of them a certificate is not renewed', async ({ pool }) => {
  await monitor(pool, { name: 'orders' })
  const seen = async (certificate: SeenCertificate, warnDays: number[], criticalDays = 7) => {
    await nextDay(pool)
    await recordCertificate(pool, place, certificate, {
      rules: { warnDays, criticalDays },
      isInMaintenance: noMaintenance,
    })
    return (await deliver(pool)).map(text => text.split('\n')[0])
  }
  const begun = ['oncall Certificate in production: api.example.com']
  const rare = [45, 10]
  expect(await seen(certificateFor(50), rare)).toEqual([])
  expect(await seen(certificateFor(44), rare)).toEqual(begun)
  expect(await seen(certificateFor(29), rare)).toEqual([])
  const last = certificateFor(20)
  expect(await seen(last, rare)).toEqual([])
  expect(await seen(last, [10])).toEqual([])
  expect(await seen(certificateFor(9), [10], 10)).toEqual(begun)
  expect((await pool.query('select severity from reprise.open_notices')).rows).toEqual([{ severity: 'critical' }])
  expect(await seen(certificateFor(90), [10])).toEqual(['oncall Certificate renewed in production: api.example.com'])
  expect(await seen(certificateFor(2), [])).toEqual([])
  expect(await seen(certificateFor(-2), [])).toEqual(begun)
})

test('the days that are left make a certificate critical, also between the days of messages', async ({ pool }) => {
  await monitor(pool, { name: 'orders' })
  const alerts = { rules: { warnDays: [60, 30, 7, 1], criticalDays: 14 }, isInMaintenance: noMaintenance }
  const other = { environment: 'production', origin: 'https://files.example.com' }
  await recordCertificate(pool, place, certificateFor(15), alerts)
  await recordCertificate(pool, other, certificateFor(13), alerts)
  const { rows } = await pool.query('select subject, severity from reprise.open_notices order by subject')
  expect(rows).toEqual([
    { subject: 'api.example.com', severity: 'warning' },
    { subject: 'files.example.com', severity: 'critical' },
  ])
})

test('muted channels, and those of checks in maintenance, are told afterwards what holds; so is one that is added', async ({
  pool,
}) => {
  await monitor(pool, { name: 'orders', channels: ['desk'] }, { name: 'users', channels: ['oncall'] })
  const inMaintenance: IsInMaintenance = name => name === 'users'
  const alerts = { rules: usualCertificateRules, isInMaintenance: inMaintenance }
  const told = async () =>
    (await deliver(pool)).map(text => text.replace(/ in production[\s\S]*expires in/, '').replace(/, on .*/, ''))
  await mute(pool, { kind: 'channel', name: 'desk' }, { forMs: 60_000 }, 'Ada')
  await recordCertificate(pool, place, certificateFor(20), alerts)
  await reportOpenCertificates(pool, alerts)
  expect(await told()).toEqual([])
  await pool.query('delete from reprise.mutes')
  for (const _ of [1, 2]) await reportOpenCertificates(pool, alerts)
  expect(await told()).toEqual(['desk Certificate 20 days'])
  for (const _ of [1, 2]) await reportOpenCertificates(pool)
  expect(await told()).toEqual(['oncall Certificate 20 days'])
  // What has become worse meanwhile is reported afterwards as well, once.
  await nextDay(pool)
  await mute(pool, { kind: 'channel', name: 'desk' }, { forMs: 60_000 }, 'Ada')
  await recordCertificate(pool, place, certificateFor(13), alerts)
  expect(await told()).toEqual([])
  await pool.query('delete from reprise.mutes')
  for (const _ of [1, 2]) await reportOpenCertificates(pool)
  expect(await told()).toEqual(['desk Certificate 13 days', 'oncall Certificate 13 days'])
  await monitor(pool, { name: 'orders', channels: ['desk', 'new'] }, { name: 'users', channels: ['oncall'] })
  for (const _ of [1, 2]) await reportOpenCertificates(pool)
  expect(await told()).toEqual(['new Certificate 13 days'])
  // The end is reported at any time.
  await mute(pool, { kind: 'channel', name: 'desk' }, { forMs: 60_000 }, 'Ada')
  await recordCertificate(pool, place, certificateFor(90), alerts)
  expect((await deliver(pool)).map(text => text.split(' in ')[0])).toEqual(
    ['desk', 'new', 'oncall'].map(channel => `${channel} Certificate renewed`),
  )
})

test('certificates of several origins that are found together are one message', async ({ pool, port }) => {
  await monitor(pool, { name: 'orders' })
  const origins = [`https://127.0.0.1:${port}`, `https://localhost:${port}`]
  const environments = new Map([['production', { baseURL: origins[0] ?? '', origins: origins.slice(1) }]])
  const sent: string[] = []
  let isLooking = true
  const deliverMeanwhile = async () => {
    while (isLooking) sent.push(...(await deliver(pool)))
    sent.push(...(await deliver(pool)))
  }
  const delivering = deliverMeanwhile()
  await lookDaily(pool, environments, running)
  isLooking = false
  await delivering
  expect(sent.map(text => text.split('\n')[0])).toEqual([
    `oncall Certificate in production: 127.0.0.1:${port}, localhost:${port}`,
  ])
})
