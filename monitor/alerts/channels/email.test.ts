/** Mails to a real SMTP server, which fails in different ways. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect } from '@playwright/test'
import type { SMTPServerOptions } from 'smtp-server'
import { email, secret } from '../../index.ts'
import type { CheckMessage } from '../../store/messages.ts'
import { portOf, test } from '../../testing/mailbox-fixture.ts'
import type { Notice } from '../notice.ts'
import { sendNotice } from '../send-notice.ts'
import { senderOf } from '../sender.ts'

const down: CheckMessage = {
  kind: 'down',
  incident: 12,
  environment: 'production',
  openedAt: '2030-03-01T00:00:00+00:00',
  at: '2030-03-01T00:00:20+00:00',
  checks: [{ name: 'users', state: 'down', since: '2030-03-01T00:00:20+00:00', reason: 'expected 201', news: 'fell' }],
}

interface Sending {
  message?: CheckMessage
  to?: string[]
  key?: string
  ms?: number
  accepted?: Set<string>
  settings?: Partial<Parameters<typeof email>[0]>
}

function send(port: number, { message = down, to = ['oncall@example.com'], key = 'key-1', ...more }: Sending = {}) {
  const server = `smtp://127.0.0.1:${port}`
  const channel = email({ server, allowPlainText: true, from: 'Monitor <monitor@example.com>', to, ...more.settings })
  const notice: Notice = { message, idempotencyKey: key, statusPage: 'https://status.example.com/' }
  const env = { SMTP_PASSWORD: 'canary-4711', ADDRESS: 'hidden-4711@example.com' }
  return sendNotice({ name: 'desk', channel, env }, notice, AbortSignal.timeout(more.ms ?? 5000), more.accepted)
}

test('the mails of an incident are one thread, and a repetition has the same id', async ({ mailbox }) => {
  const port = await mailbox.listen()
  await send(port)
  await send(port)
  const at = '2030-03-01T00:09:00+00:00'
  const checks = [{ name: 'users', state: 'up' as const, since: at, news: 'recovered' as const }]
  await send(port, { message: { ...down, kind: 'up', at, checks }, key: 'key-2' })
  const [first, again, last] = mailbox.mails
  expect(first).toMatchObject({ subject: '[production] Incident 12', messageId: '<key-1@example.com>' })
  expect(first?.text).toMatch(/^Down in production: users\n/)
  expect(first?.text).toContain('users is down since 2030-03-01 00:00:20 UTC: expected 201')
  expect(first?.text).toContain('https://status.example.com/incidents/12')
  expect(first?.headers.get('auto-submitted')).toBe('auto-generated')
  expect(again?.messageId).toBe(first?.messageId)
  expect(last?.messageId).toBe('<key-2@example.com>')
  expect(last?.text).toMatch(/^Up again in production: users\n/)
  expect(last?.subject).toBe(first?.subject)
  // When it was sent: a mail of the past would be sorted below what was read.
  expect(Math.abs((first?.date?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000)
  expect([last?.inReplyTo, last?.references]).toEqual([first?.inReplyTo, first?.references])
})

test('texts cannot add headers or recipients', async ({ mailbox }) => {
  const port = await mailbox.listen()
  const name = 'users\r\nBcc: evil@example.com\r\n\r\nbody\u202e'
  await send(port, { message: { ...down, environment: name } })
  const [mail] = mailbox.mails
  expect(mail?.bcc).toBeUndefined()
  expect(mail?.subject).toContain('users Bcc: evil@example.com body')
})

test('without STARTTLS nothing is sent, unless plain text is allowed', async ({ mailbox }) => {
  const port = await mailbox.listen({ disabledCommands: ['STARTTLS'] })
  await expect(send(port, { settings: { allowPlainText: false } })).rejects.toThrow(/did not send the mail .*TLS/i)
  expect(mailbox.mails).toHaveLength(0)
  await send(port)
  expect(mailbox.mails).toHaveLength(1)
})

test('a certificate that is not trusted is an error', async ({ mailbox }) => {
  const port = await mailbox.listen()
  await expect(send(port, { settings: { allowPlainText: false } })).rejects.toThrow(/certificate/)
  const secure = await mailbox.listen({ secure: true })
  await expect(send(secure, { settings: { server: `smtps://127.0.0.1:${secure}` } })).rejects.toThrow(/certificate/)
})

test('a login is sent, and a refused one has no password in its error', async ({ mailbox }) => {
  const port = await mailbox.listen({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true })
  await send(port, { settings: { user: 'monitor', password: secret('SMTP_PASSWORD') } })
  expect(mailbox.sessions).toEqual([{ secure: false, user: 'monitor' }])
  const refused = await mailbox.listen({
    ...{ disabledCommands: ['STARTTLS'], allowInsecureAuth: true },
    onAuth: ({ password }, _session, done) =>
      done(new Error(`no ${password} or ${Buffer.from(password ?? '').toString('base64')} here`)),
  })
  const error = await send(refused, { settings: { user: 'monitor', password: secret('SMTP_PASSWORD') } }).catch(String)
  expect(error).toMatch(/Channel desk did not send the mail to oncall@example.com: .*535/)
  expect(error).not.toContain('canary-4711')
  expect(error).not.toContain(Buffer.from('canary-4711').toString('base64'))
})

test('a recipient that is rejected for good is named, and the others get the mail once', async ({ mailbox }) => {
  const port = await mailbox.listen({
    onRcptTo: ({ address }, _session, done) =>
      address.startsWith('gone') ? done(Object.assign(new Error('no such user'), { responseCode: 550 })) : done(),
  })
  const { answer, remark } = await send(port, { to: ['gone@example.com', 'oncall@example.com'] })
  expect(answer).toBe('sent to oncall@example.com')
  expect(remark).toMatch(/^gone@example.com was rejected: .*no such user/)
  const remarks: string[] = []
  const stored: string[] = []
  const to = ['gone@example.com', 'oncall@example.com']
  const desk = email({ server: `smtp://127.0.0.1:${port}`, allowPlainText: true, from: 'monitor@example.com', to })
  const { signal } = new AbortController()
  const deliver = senderOf({ desk }, {}, undefined, text => remarks.push(text))
  const delivery = { channel: 'desk', message: down, idempotencyKey: 'key-2', attempt: 1, signal }
  await deliver({ ...delivery, accepted: new Set(), remark: text => stored.push(text) })
  expect(remarks).toEqual([expect.stringMatching(/^Channel desk: gone@example.com was rejected: /)])
  expect(remarks).toEqual(stored.map(text => `Channel desk: ${text}`))
  await expect(send(port, { to: ['gone@example.com'] })).rejects.toMatchObject({
    message: expect.stringMatching(/^Channel desk: gone@example.com was rejected: .*no such user/),
    summary: 'all recipients were rejected',
  })
})

test('a recipient that is rejected for now gets the mail later, and the others not again', async ({ mailbox }) => {
  let isGrey = true
  const port = await mailbox.listen({
    onRcptTo: ({ address }, _session, done) =>
      isGrey && address.startsWith('grey')
        ? done(Object.assign(new Error('greylisted'), { responseCode: 450 }))
        : done(),
  })
  const accepted = new Set<string>()
  const to = ['grey@example.com', 'oncall@example.com']
  await expect(send(port, { to, accepted })).rejects.toMatchObject({ summary: 'answered 450' })
  isGrey = false
  await send(port, { to, accepted })
  expect(mailbox.mails.map(({ to }) => [to].flat()[0]?.text)).toEqual(to.toReversed())
})

test('a sender or a mail that is rejected for good is no rejection of the recipient', async ({ mailbox }) => {
  const refuse = () => Object.assign(new Error('not from you'), { responseCode: 553 })
  for (const options of [
    { onMailFrom: (_address, _session, done) => done(refuse()) },
    { onData: (stream, _session, done) => stream.resume().on('end', () => done(refuse())) },
  ] satisfies SMTPServerOptions[]) {
    const port = await mailbox.listen(options)
    await expect(send(port)).rejects.toMatchObject({
      message: expect.stringMatching(/^Channel desk did not send the mail to oncall@example.com: .*not from you/),
      summary: 'answered 553',
    })
  }
})

test('when the list of recipients has changed, earlier ones do not count', async ({ mailbox }) => {
  const port = await mailbox.listen({
    onRcptTo: (_address, _session, done) => done(Object.assign(new Error('no such user'), { responseCode: 550 })),
  })
  const accepted = new Set(['earlier@example.com'])
  await expect(send(port, { accepted })).rejects.toMatchObject({ summary: 'all recipients were rejected' })
})

test('a display name may have a comma, an address may be a secret, and two addresses are refused', async ({
  mailbox,
}) => {
  const port = await mailbox.listen()
  const { answer } = await send(port, {
    to: ['"Doe, Jane" <jane@example.com>', secret('ADDRESS')],
    settings: { from: 'Monitor, production <monitor@bücher.example>' },
  })
  const [jane, hidden] = mailbox.mails
  expect([jane?.to].flat()[0]?.value).toEqual([{ name: 'Doe, Jane', address: 'jane@example.com' }])
  expect([hidden?.to].flat()[0]?.text).toBe('hidden-4711@example.com')
  expect(jane?.from?.value[0]?.name).toBe('Monitor, production')
  expect(jane?.messageId).toBe('<key-1@xn--bcher-kva.example>')
  expect(answer).toBe('sent to jane@example.com, [ADDRESS]')
  for (const to of ['a@example.com, b@example.com', 'a@example.com,Jane <b@example.com>']) {
    await expect(send(port, { to: [to] })).rejects.toThrow(
      'An address of channel desk cannot be used: write one address',
    )
  }
  expect(mailbox.mails).toHaveLength(2)
})

test('a password is not sent without TLS to another machine', async () => {
  const server = 'smtp://192.0.2.1:25'
  await expect(send(25, { settings: { server, user: 'monitor', password: 'canary-4711' } })).rejects.toThrow(
    'The password of channel desk would be sent without TLS',
  )
})

test('a server that greets late gets the mail once, and none if the attempt has ended meanwhile', async ({
  mailbox,
}) => {
  const greetings: (() => void)[] = []
  let onConnection = () => undefined as unknown
  const port = await mailbox.listen({
    onConnect: (_session, done) => {
      greetings.push(done)
      onConnection()
    },
  })
  const connected = () =>
    new Promise<void>(resolve => {
      onConnection = resolve
    })
  const first = connected()
  const sending = send(port)
  await first
  expect(mailbox.mails).toHaveLength(0)
  greetings.shift()?.()
  await sending
  expect(mailbox.mails).toHaveLength(1)
  const second = connected()
  const late = send(port, { ms: 300 })
  await second
  await expect(late).rejects.toThrow('Channel desk did not answer in time.')
  greetings.shift()?.()
  const third = connected()
  const again = send(port)
  await third
  greetings.shift()?.()
  await again
  expect(mailbox.mails).toHaveLength(2)
})

test('a server that greets late, hangs or breaks off is not waited for longer than the attempt', async ({
  mailbox,
}) => {
  const connections: Promise<unknown>[] = []
  const silent = createServer(socket => void connections.push(once(socket.resume(), 'close'))).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const to = ['oncall@example.com', 'second@example.com']
  await expect(send(portOf(silent), { ms: 300, to })).rejects.toThrow('Channel desk did not answer in time.')
  await Promise.all(connections)
  expect(connections).toHaveLength(1)
  silent.close()
  const breaking = createServer(socket => socket.end('220 hello\r\n')).listen(0, '127.0.0.1')
  await once(breaking, 'listening')
  await expect(send(portOf(breaking))).rejects.toThrow(/did not send the mail to oncall@example.com: /)
  breaking.close()
  const hanging = await mailbox.listen({ onData: stream => void stream.resume() })
  await expect(send(hanging, { ms: 500 })).rejects.toThrow('Channel desk did not answer in time.')
})
