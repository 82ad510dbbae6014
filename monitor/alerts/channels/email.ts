/** Email through an SMTP server. */
import { connect, type Socket } from 'node:net'
import { createTransport } from 'nodemailer'
import type SMTPTransport from 'nodemailer/lib/smtp-transport/index.js'
import { z } from 'zod'
import { settings, text, textOrList } from '../../schema-parts.ts'
import type { Acceptance, Attempt, ChannelKind } from '../channel-kind.ts'
import { messageText } from '../message-text.ts'
import { NotTaken } from '../not-taken.ts'
import { alertsOf, linkOf, type Notice, urgencyOf } from '../notice.ts'

export interface EmailChannel {
  kind: 'email'
  /** `smtps://HOST:465`: TLS from the first byte. `smtp://HOST:587`: STARTTLS, without which nothing is sent. */
  server: string
  /** Sends without TLS, or with any certificate; for a relay on the same machine. Default false. */
  allowPlainText?: boolean
  /** Both or none. */
  user?: string
  /** Usually a `secret()`. */
  password?: string
  /** An address, or `Name <address>`. */
  from: string
  /** One address or several; each gets a mail of its own. */
  to: string | string[]
}

/** Sends mails; those of one incident are one thread. */
export function email(settings: Omit<EmailChannel, 'kind'>): EmailChannel {
  return { kind: 'email', ...settings }
}

const address = /^[^\s@<>]+@[^\s@<>]+$|^[^<>\r\n]*<[^\s@<>]+@[^\s@<>]+>$/

export const emailKind: ChannelKind<EmailChannel> = {
  kind: 'email',
  example: 'email({ server, from, to })',
  schema: settings(
    {
      kind: z.literal('email'),
      server: text(
        'write smtps://HOST:465, or smtp://HOST:587 for STARTTLS',
        /^(smtps?:\/\/[^\s/@?#]+\/?|.*\$\{secret:\w+\}.*)$/,
      ),
      allowPlainText: z.boolean({ error: 'write true or false' }),
      user: text('write a user, or secret("NAME") for one in the environment'),
      password: text('write secret("NAME") for a password in the environment'),
      from: text('write an address such as monitor@example.com', address),
      to: textOrList('write an address such as oncall@example.com, or a list of them', address),
    },
    ['kind', 'server', 'from', 'to'],
  ),
  credentials: ({ user = '', password = '' }) => [
    ['user', user],
    ['password', password],
    // As AUTH PLAIN and AUTH LOGIN send them.
    ['AUTH PLAIN', Buffer.from(`\0${user}\0${password}`).toString('base64')],
    ['AUTH LOGIN', Buffer.from(password).toString('base64')],
  ],
  send,
}

/**
 * Each recipient gets the mail once: `accepted` keeps who has it already. A recipient that is rejected for good does not keep
 * the others from being served, and is named in the answer; if all are rejected, the message is not taken.
 */
async function send(
  channel: EmailChannel,
  notice: Notice,
  { name, signal, accepted, shown }: Attempt,
): Promise<Acceptance> {
  // Nodemailer has no way to give up a mail that is under way.
  const sockets = new Set<Socket>()
  const end = () => {
    for (const socket of sockets) socket.destroy()
  }
  const transport = createTransport({ ...transportOf(name, channel), getSocket: socketsIn(sockets) })
  signal.addEventListener('abort', end)
  const rejected: string[] = []
  try {
    for (const to of [channel.to].flat()) {
      if (accepted.has(to)) continue
      try {
        await transport.sendMail({ ...mailOf(notice, channel.from), from: channel.from, to })
        accepted.add(to)
      } catch (error) {
        const { responseCode, code, message } = error as Error & { responseCode?: number; code?: string }
        if (signal.aborted) throw new NotTaken(`Channel ${name} did not answer in time.`, 'no answer in time')
        const isRejected = code === 'EENVELOPE' && responseCode !== undefined && responseCode >= 500
        if (!isRejected)
          throw new NotTaken(
            `Channel ${name} did not send the mail to ${to}: ${shown(message)}`,
            summaryOf(responseCode),
          )
        rejected.push(`${to} was rejected: ${shown(message)}`)
      }
    }
  } finally {
    signal.removeEventListener('abort', end)
    end()
  }
  if (accepted.size === 0) throw new NotTaken(`Channel ${name}: ${rejected.join('; ')}`, 'all recipients were rejected')
  return {
    ...{ answer: `sent to ${[...accepted].join(', ')}`, text: '' },
    ...(rejected.length > 0 && { remark: rejected.join('; ') }),
  }
}

/** Opens the connections, so that they can be ended. */
function socketsIn(sockets: Set<Socket>): SMTPTransport.Options['getSocket'] {
  return ({ host = '', port = 25 }, done) => {
    const connection = connect({ host, port: Number(port) })
    sockets.add(connection)
    connection.once('error', error => done(error, undefined))
    connection.once('connect', () => done(null, { connection }))
  }
}

const summaryOf = (responseCode: number | undefined) =>
  responseCode === undefined ? 'no answer' : `answered ${responseCode}`

function transportOf(name: string, { server, allowPlainText = false, user, password }: EmailChannel) {
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '') {
    throw new Error(`The server of channel ${name} cannot be used: write smtps://HOST:465, or smtp://HOST:587.`)
  }
  const secure = url.protocol === 'smtps:'
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && !allowPlainText,
    // Where plain text is allowed, encryption without a trusted certificate is no worse.
    ...(!secure && allowPlainText && { tls: { rejectUnauthorized: false } }),
    ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
    // The attempt's own timeout ends it earlier.
    ...{ connectionTimeout: 30_000, greetingTimeout: 30_000, socketTimeout: 30_000 },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

function mailOf(notice: Notice, from: string) {
  const { message, idempotencyKey } = notice
  const { title, lines, footer } = messageText(message)
  const [, domain = 'reprise.invalid'] = /@([^\s@<>]+?)>?$/.exec(from) ?? []
  const thread = alertsOf(notice).map(({ key }) => `<${Buffer.from(key).toString('base64url')}@${domain}>`)
  return {
    // The same in every attempt, so that a repetition is recognized.
    messageId: `<${idempotencyKey}@${domain}>`,
    // Of a mail that was never sent: all mails of an incident refer to it, and so are one thread.
    references: thread,
    ...(thread.length === 1 && { inReplyTo: thread[0] }),
    date: new Date(message.at),
    subject: title.replace(/\s+/g, ' '),
    text: [title, '', ...lines, '', ...footer, ...linkOf(notice)].join('\n'),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    ...(urgencyOf(notice) === 'failing' && { priority: 'high' as const }),
  }
}
