import { expect } from '@playwright/test'
import type pg from 'pg'
import { configurationOf } from '../../config/configuration.ts'
import { heartbeatsOf, messagesAbout, stateOf } from '../../testing/heartbeat-fixture.ts'
import { type ServedPage, test } from '../../testing/status-page-fixture.ts'

const token = 'backup-token-0123456789'
const hourly = { everyMs: 3_600_000, graceMs: 600_000 }

async function watch(pool: pg.Pool, served: ServedPage): Promise<void> {
  const all = await heartbeatsOf(pool, { backup: hourly, mails: hourly })
  served.inForce = {
    ...served.inForce,
    heartbeats: {
      all: all.map(heartbeat => ({ ...heartbeat, token: heartbeat.name === 'backup' ? token : `other-${token}` })),
      redact: text => text.replaceAll('hunter22', '[PASSWORD]'),
    },
  }
}

interface Sent {
  method?: string
  bearer?: string
  body?: string | Uint8Array<ArrayBuffer>
}

async function send({ url }: ServedPage, path: string, { method = 'POST', bearer = token, body }: Sent = {}) {
  const response = await fetch(`${url}/heartbeats/${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}` },
    ...(body !== undefined && { body }),
  })
  const { status, headers } = response
  return { status, headers, text: (await response.text()).trim() }
}

test('jobs report that they have worked or failed, and that they begin', async ({ served, pool }) => {
  await watch(pool, served)
  const answer = await send(served, 'backup/start')
  expect(answer).toMatchObject({ status: 200, text: 'OK' })
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(await stateOf(pool, 'backup')).toBe('unknown')
  for (const [path, state] of [
    ['backup', 'up'],
    ['backup/fail', 'down'],
    ['backup/0', 'up'],
    ['backup/3?rid=6D2C7F6E-0000-4000-8000-000000000001', 'down'],
    ['backup/255', 'down'],
    ['backup?rid=6d2c7f6e-0000-4000-8000-000000000001', 'up'],
  ] as const) {
    expect(await send(served, path), path).toMatchObject({ status: 200, text: 'OK' })
    expect(await stateOf(pool, 'backup'), path).toBe(state)
  }
  expect(served.errors).toEqual([])
})

test('the output of a job is kept without secrets, and its last line is the reason', async ({ served, pool }) => {
  await watch(pool, served)
  const output = `${'x'.repeat(20_000)}\nlogin with hunter22\npg_dump: postgres://me:pass@db refused\n\n`
  await send(served, 'backup/1', { body: output })
  const [message] = await messagesAbout(pool, 'backup')
  expect(message).toMatchObject({
    checks: [{ reason: 'The job ended with exit code 1: pg_dump: postgres://me:[redacted]@db refused' }],
  })
  const { rows } = await pool.query(`select detail ->> 'output' as output from reprise.replays`)
  expect(rows[0].output).toHaveLength(10_000)
  expect(rows[0].output).toMatch(/^x+\nlogin with \[PASSWORD\]\npg_dump: .* refused$/)
  // More than is read at once; of what is left of the secret, nothing is kept.
  const long = Buffer.from(`${'hunter22'.repeat(100_000)}\nno space left\n`)
  expect(await send(served, 'backup/4', { body: new Uint8Array(long) })).toMatchObject({ status: 200 })
  const kept = await pool.query(`select detail ->> 'output' as output from reprise.replays order by due desc limit 1`)
  expect(kept.rows[0].output).toMatch(/^.{0,10}(?:\[PASSWORD\])+\nno space left$/)
  // Characters that Postgres cannot store.
  expect(await send(served, 'backup/1', { body: Uint8Array.of(0x61, 0x00, 0xff) })).toMatchObject({ status: 200 })
})

test('without its token a heartbeat is refused as one that does not exist', async ({ served, pool }) => {
  await watch(pool, served)
  const wrong = await send(served, 'backup', { bearer: `other-${token}` })
  const unknown = await send(served, 'none', { bearer: token })
  const bare = await fetch(`${served.url}/heartbeats/backup`, { method: 'POST' })
  expect([wrong.status, unknown.status, bare.status]).toEqual([401, 401, 401])
  expect(unknown.text).toBe(wrong.text)
  expect(await bare.text()).toContain(wrong.text)
  expect(wrong.headers.get('www-authenticate')).toBe('Bearer realm="Reprise heartbeats"')
  expect(await stateOf(pool, 'backup')).toBe('unknown')
  // Whoever guesses has to wait, and whoever knows has not.
  const statuses: number[] = []
  for (let count = 0; count < 10; count++) statuses.push((await send(served, 'backup', { bearer: 'guessed' })).status)
  expect(statuses).toEqual([...Array<number>(7).fill(401), ...Array<number>(3).fill(429)])
  expect((await send(served, 'backup')).status).toBe(200)
})

test('a request that is no report is refused, and changes nothing', async ({ served, pool }) => {
  await watch(pool, served)
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
    const { status, headers } = await send(served, 'backup', { method })
    expect([status, headers.get('allow')], method).toEqual([405, 'POST'])
  }
  for (const path of ['backup/begin', 'backup/256', 'backup/-1', 'backup?rid=7', 'backup?rid=&rid=2']) {
    expect((await send(served, path)).status, path).toBe(400)
  }
  expect((await send(served, 'backup/start/again')).status).toBe(404)
  expect((await send(served, '%00')).status).toBe(401)
  expect(await stateOf(pool, 'backup')).toBe('unknown')
})

test('reports come from any host and origin, with a token only', async ({ served, pool }) => {
  await watch(pool, served)
  served.admit(
    { identityHeader: 'x-forwarded-user', isTrustedProxy: () => true, token: 'token-of-the-operators' },
    'none',
  )
  const headers = { authorization: `Bearer ${token}`, 'x-forwarded-user': 'ada', origin: 'https://elsewhere.example' }
  const response = await fetch(`${served.url}/heartbeats/backup`, { method: 'POST', headers })
  expect(response.status).toBe(200)
  expect((await send(served, 'backup', { bearer: 'token-of-the-operators' })).status).toBe(401)
})

test('a heartbeat that reports too often is slowed down', async ({ served, pool }) => {
  await watch(pool, served)
  const statuses = await Promise.all(Array.from({ length: 121 }, () => send(served, 'backup/start')))
  const refused = statuses.filter(({ status }) => status === 429)
  expect(refused).toHaveLength(1)
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('its page shows what is due, its run under way, its reports and how to report', async ({ served, pool }) => {
  await watch(pool, served)
  const heartbeats = {
    backup: { every: '1h', grace: '10m', maxRun: '2h', runbook: 'https://wiki.example.com/backup' },
  } as const
  const environments = { production: { baseURL: 'https://api.example.com' } }
  const configuration = configurationOf('/service/monitor.config.ts', { environments, checks: {}, heartbeats })
  served.inForce = { ...served.inForce, configuration }
  await send(served, 'backup/start?rid=6d2c7f6e-0000-4000-8000-000000000001')
  await send(served, 'backup/2', { body: 'dumping\nno space left' })
  const textOf = async (url: string) => (await (await fetch(url)).text()).replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
  const shown = await textOf(`${served.operatorUrl}/checks/backup`)
  expect(shown).toMatch(/Last report .+; the next one is due .+, with a grace of 10 min/)
  expect(shown).toMatch(/A run is under way for .+, since .+, and has to end by /)
  expect(shown).toContain('The job ended with exit code 2: no space left')
  expect(shown).toContain('dumping no space left')
  expect(shown).toContain('Due after the last report 1 h')
  expect(shown).toContain('…/heartbeats/backup')
  expect(shown).not.toMatch(/Run now|Replays|replayed/)
  // Not for visitors.
  const visited = await textOf(`${served.url}/checks/backup`)
  expect(visited).toContain('failed or missing')
  expect(visited).not.toMatch(/no space left|wiki|oncall/)
  expect(await textOf(served.url)).toMatch(/backup Down .*Last report failed.* Next due/)
  const api = await (await fetch(`${served.url}/api/checks`)).json()
  expect(api.checks[0]).toMatchObject({ name: 'backup', state: 'down', nextDue: expect.stringContaining('T') })
  expect((await fetch(`${served.url}/badges/backup.svg`)).status).toBe(200)
  const headers = { 'content-type': 'application/json' }
  const asked = { method: 'POST', headers, body: JSON.stringify({ by: 'ada' }) }
  const run = await fetch(`${served.operatorUrl}/api/checks/backup/run`, asked)
  expect([run.status, (await run.json()).detail]).toEqual([
    400,
    'A heartbeat cannot be replayed: its job reports by itself.',
  ])
})
