/** SMTP servers that break off or refuse in the middle of a session. */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { test as base, expect } from '../../../testing/test.ts'
import { email } from '../../index.ts'
import { portOf } from '../../testing/mailbox-fixture.ts'
import type { NotTaken } from '../not-taken.ts'
import { sendNotice } from '../send-notice.ts'

/** The reply to a command, or to a mail after its last line: the command `.`. Undefined: the connection is closed at once. */
type Script = (command: string) => string | undefined

interface Session {
  commands: string[]
  /** Of the mail; empty if none was sent. */
  source: string
}

const usual: Script = command => {
  if (command === '') return '220 smtp.example.com ESMTP'
  if (command.startsWith('EHLO')) return '250-smtp.example.com\r\n250 SIZE'
  if (command === 'DATA') return '354 go on'
  return command === 'QUIT' ? '221 bye' : '250 ok'
}

const test = base.extend<{ serve: (script: Script) => Promise<{ port: number; sessions: Session[] }> }>({
  serve: async ({}, use) => {
    const servers: Server[] = []
    const sockets = new Set<Socket>()
    await use(async script => {
      const sessions: Session[] = []
      const server = createServer(socket => {
        sockets.add(socket.on('error', () => undefined))
        const session: Session = { commands: [], source: '' }
        sessions.push(session)
        const reply = (command: string) => {
          const text = script(command)
          if (text === undefined) socket.destroy()
          else socket.write(`${text}\r\n`)
          if (/^(?:221|421)/.test(text ?? '')) socket.end()
          return text
        }
        let isMail = false
        reply('')
        createInterface(socket).on('line', line => {
          if (isMail && line !== '.') {
            session.source += `${line}\n`
            return
          }
          isMail = false
          session.commands.push(line)
          isMail = reply(line)?.startsWith('354') ?? false
        })
      }).listen(0, '127.0.0.1')
      servers.push(server)
      await once(server, 'listening')
      return { port: portOf(server), sessions }
    })
    for (const socket of sockets) socket.destroy()
    for (const server of servers) server.close()
  },
})

function send(port: number, accepted = new Set<string>(), settings: Partial<Parameters<typeof email>[0]> = {}) {
  const server = `smtp://127.0.0.1:${port}`
  const to = ['oncall@example.com', 'desk@example.com']
  const channel = email({ server, allowPlainText: true, from: 'monitor@example.com', to, ...settings })
  return sendNotice(
    { name: 'desk', channel, env: {} },
    { message: { kind: 'test', at: '2030-03-01T00:00:00+00:00' }, idempotencyKey: 'key-1' },
    AbortSignal.timeout(10_000),
    accepted,
  )
}

const failureOf = async (sending: ReturnType<typeof send>): Promise<NotTaken> =>
  sending.then(
    () => Promise.reject(new Error('The message was accepted.')),
    error => error,
  )

const idOf = ({ source }: Session) => /^Message-ID: (.*)$/m.exec(source)?.[1]
const recipientOf = ({ commands }: Session) => commands.find(command => command.startsWith('RCPT'))

test('a server that breaks off after the mail gets it again with the same Message-ID, and only for that recipient', async ({
  serve,
}) => {
  let mails = 0
  const { port, sessions } = await serve(command => (command === '.' && ++mails === 2 ? undefined : usual(command)))
  const accepted = new Set<string>()
  expect(await failureOf(send(port, accepted))).toMatchObject({ summary: 'no answer', isPermanent: false })
  expect(accepted).toEqual(new Set(['oncall@example.com']))
  expect(await send(port, accepted)).toMatchObject({ answer: 'sent to oncall@example.com, desk@example.com' })
  expect(sessions.map(recipientOf)).toEqual([
    'RCPT TO:<oncall@example.com>',
    'RCPT TO:<desk@example.com>',
    'RCPT TO:<desk@example.com>',
  ])
  expect(new Set(sessions.map(idOf))).toEqual(new Set(['<key-1@example.com>']))
})

test('a server that breaks off after it has accepted the mail does not get it again', async ({ serve }) => {
  const { port, sessions } = await serve(command => (command === 'QUIT' ? undefined : usual(command)))
  const accepted = new Set<string>()
  await send(port, accepted)
  await send(port, accepted)
  expect(sessions.map(recipientOf)).toEqual(['RCPT TO:<oncall@example.com>', 'RCPT TO:<desk@example.com>'])
})

for (const command of ['', 'EHLO', 'MAIL', 'RCPT', 'DATA', '.']) {
  test(`421 ${command === '' ? 'as the greeting' : `to ${command}`} is no refusal for good, and the mail is sent later`, async ({
    serve,
  }) => {
    let isBusy = true
    const { port, sessions } = await serve(line =>
      isBusy && (command === '' ? line === '' : line.startsWith(command)) ? '421 4.3.2 try again later' : usual(line),
    )
    const accepted = new Set<string>()
    expect(await failureOf(send(port, accepted))).toMatchObject({
      message: expect.stringMatching(/^Channel desk did not send the mail to oncall@example\.com: .*421/),
      summary: 'answered 421',
      isPermanent: false,
    })
    expect(accepted.size).toBe(0)
    isBusy = false
    const before = sessions.length
    await send(port, accepted)
    expect(sessions.slice(before).map(recipientOf)).toEqual([
      'RCPT TO:<oncall@example.com>',
      'RCPT TO:<desk@example.com>',
    ])
    expect(sessions.slice(before).map(idOf)).toEqual(['<key-1@example.com>', '<key-1@example.com>'])
  })
}

test('where STARTTLS is refused, nothing more is sent, unless plain text is allowed', async ({ serve }) => {
  for (const refusal of ['454 4.7.0 TLS not available', '502 no such command']) {
    const { port, sessions } = await serve(command => {
      if (command.startsWith('EHLO')) return '250-smtp.example.com\r\n250-AUTH PLAIN\r\n250 STARTTLS'
      return command === 'STARTTLS' ? refusal : usual(command)
    })
    const login = { allowPlainText: false, user: 'monitor', password: 'canary-4711' }
    const { message } = await failureOf(send(port, undefined, login))
    expect(message).toMatch(/^Channel desk did not send the mail to oncall@example\.com: .*STARTTLS/)
    const isHarmless = (command: string) => /^(?:EHLO|STARTTLS|QUIT)/.test(command)
    expect(sessions.flatMap(({ commands }) => commands).filter(command => !isHarmless(command))).toEqual([])
    const before = sessions.length
    await send(port)
    expect(sessions.slice(before).map(idOf)).toEqual(['<key-1@example.com>', '<key-1@example.com>'])
  }
})

test('a server that does not exist, or is not there at any of its addresses, is named', async ({ serve }) => {
  const { port } = await serve(usual)
  const closed = createServer().listen(0, 'localhost')
  await once(closed, 'listening')
  const free = portOf(closed)
  closed.close()
  for (const [server, reason] of [
    // Longer than a name may be, so that no server is asked.
    [`smtp://${'x'.repeat(64)}.example.com:${port}`, /getaddrinfo \w+ x{64}\.example\.com/],
    [`smtp://localhost:${free}`, /ECONNREFUSED/],
  ] as const) {
    const { message, summary } = await failureOf(send(port, undefined, { server }))
    expect(message).toMatch(/^Channel desk did not send the mail to oncall@example\.com: \S/)
    expect(message).toMatch(reason)
    expect(summary).toBe('no answer')
  }
})
