/** Email through an SMTP server. */
import { connect } from 'node:net'
import { addAbortSignal } from 'node:stream'
import { domainToASCII } from 'node:url'
import { createTransport } from 'nodemailer'
import type SMTPTransport from 'nodemailer/lib/smtp-transport/index.js'
import { z } from 'zod'
import { resolvable } from '../../resolvable-name.ts'
import { settings, text, textOrList } from '../../schema-parts.ts'
import type { Acceptance, Attempt, ChannelKind } from '../channel-kind.ts'
import { linkLine, linksOf } from '../links.ts'
import { messageText } from '../message-text.ts'
import { NotTaken } from '../not-taken.ts'
import { alertsOf, keyWithin, linkOf, type Notice, urgencyOf } from '../notice.ts'

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

const mailbox = /^(?:[^\s@<>,;"]+@[^\s@<>,;"]+|[^<>@\r\n]*<[^\s@<>,;"]+@[^\s@<>,;"]+>)$/
const mailboxOrSecret = new RegExp(`${mailbox.source}|\\$\\{secret:\\w+\\}`)

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
      from: text('write one address such as monitor@example.com', mailboxOrSecret),
      to: textOrList('write an address such as oncall@example.com, or a list of them', mailboxOrSecret),
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
 * Each recipient gets the mail once: `accepted` keeps who has it already. A recipient that is rejected, for good or for now, does
 * not keep the others from being served. Those that are rejected for good are named in the answer; if all are, the message is
 * not taken.
 */
async function send(channel: EmailChannel, notice: Notice, attempt: Attempt): Promise<Acceptance> {
  const { name, signal, accepted, shown } = attempt
  const transport = createTransport({ ...transportOf(name, channel), getSocket: socketWith(signal) })
  const from = addressOf(name, channel.from)
  const recipients = [channel.to].flat().map(text => addressOf(name, text))
  const rejected: string[] = []
  const failed: NotTaken[] = []
  for (const to of recipients) {
    if (accepted.has(to.address)) continue
    try {
      await transport.sendMail({ ...mailOf(notice, from, attempt.now), from, to, signal })
      await accepted.add(to.address)
    } catch (error) {
      const { responseCode, code, command, message: text } = error as SmtpError
      // Of several addresses of the server that refuse the connection, the error has no message.
      const message = text || code || 'an unknown error'
      if (signal.aborted) throw new NotTaken(`Channel ${name} did not answer in time.`, 'no answer in time')
      if (command === 'RCPT TO' && responseCode !== undefined && responseCode >= 500) {
        rejected.push(shown(`${to.address} was rejected: ${message}`))
        continue
      }
      const failure = `Channel ${name} did not send the mail to ${shown(`${to.address}: ${message}`)}`
      failed.push(new NotTaken(failure, summaryOf(responseCode), undefined, isPermanent(responseCode)))
      // Without a connection, or a login, it would be the same for the others.
      if (responseCode === undefined || code === 'EAUTH') break
    }
  }
  const failure = failed.find(({ isPermanent }) => !isPermanent) ?? failed[0]
  if (failure) throw failure
  const served = recipients.filter(({ address }) => accepted.has(address)).map(({ address }) => shown(address))
  if (served.length === 0) {
    throw new NotTaken(`Channel ${name}: ${rejected.join('; ')}`, 'all recipients were rejected', undefined, true)
  }
  return {
    ...{ answer: `sent to ${served.join(', ')}`, text: '' },
    ...(rejected.length > 0 && { remark: rejected.join('; ') }),
  }
}

interface SmtpError extends Error {
  responseCode?: number
  code?: string
  command?: string
}

interface Address {
  name: string
  address: string
}

/** As an object, because a text may be read as several addresses. */
function addressOf(name: string, text: string): Address {
  if (!mailbox.test(text.trim())) {
    throw new Error(`An address of channel ${name} cannot be used: write one address, such as oncall@example.com.`)
  }
  const [, display = '', address = text.trim()] = /^(.*)<(.*)>$/.exec(text.trim()) ?? []
  return { name: display.trim().replace(/^"(.*)"$/, '$1'), address }
}

/** Opens the connections, which end with the attempt: Nodemailer would say farewell first. */
function socketWith(signal: AbortSignal): SMTPTransport.Options['getSocket'] {
  return ({ host = '', port = 25 }, done) => {
    const open = () => {
      const connection = addAbortSignal(signal, connect({ host, port: Number(port) }))
      connection.once('error', error => done(error, undefined))
      connection.once('connect', () => done(null, { connection }))
    }
    resolvable(host, signal).then(open, error => done(error, undefined))
  }
}

const isPermanent = (responseCode = 0) => responseCode >= 500

const summaryOf = (responseCode: number | undefined) =>
  responseCode === undefined ? 'no answer' : `answered ${responseCode}`

function transportOf(name: string, { server, allowPlainText = false, user, password }: EmailChannel) {
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '') {
    throw new Error(`The server of channel ${name} cannot be used: write smtps://HOST:465, or smtp://HOST:587.`)
  }
  const secure = url.protocol === 'smtps:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (!secure && allowPlainText && user !== undefined && !/^(localhost|127\.[\d.]+|::1)$/.test(host)) {
    throw new Error(
      `The password of channel ${name} would be sent without TLS: remove allowPlainText, or user and password.`,
    )
  }
  return {
    host,
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && !allowPlainText,
    // Where plain text is allowed, encryption without a trusted certificate is no worse.
    // A server may offer STARTTLS and refuse it.
    ...(!secure && allowPlainText && { tls: { rejectUnauthorized: false }, opportunisticTLS: true }),
    ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
    // The attempt's own timeout ends it earlier.
    ...{ connectionTimeout: 30_000, greetingTimeout: 30_000, socketTimeout: 30_000 },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

/** In UTF-16 code units: of 3 bytes in UTF-8, which are 4 characters of base64. */
const mostOfKey = 150

function mailOf(notice: Notice, from: Address, date: Date) {
  const { message, idempotencyKey } = notice
  const { title, lines, footer } = messageText(message)
  const domain = domainToASCII(from.address.split('@').at(-1) ?? '') || 'reprise.invalid'
  const thread = alertsOf(notice).map(({ key }) => {
    // A line of a mail has 998 characters at most, and an id cannot be broken.
    return `<${Buffer.from(keyWithin(mostOfKey, key)).toString('base64url')}@${domain}>`
  })
  return {
    // The same in every attempt, so that a repetition is recognized.
    messageId: `<${idempotencyKey}@${domain}>`,
    // Of a mail that was never sent: all mails of an incident refer to it, and so are one thread.
    references: thread,
    ...(thread.length === 1 && { inReplyTo: thread[0] }),
    date,
    subject: subjectOf(message, title),
    text: [title, '', ...lines, '', ...footer, ...linksOf(notice).map(linkLine), ...linkOf(notice)].join('\n'),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    ...(urgencyOf(notice) === 'failing' && { priority: 'high' as const }),
  }
}

/** The same for all mails of an incident: Gmail starts another thread when it changes. So it names no checks, as others join. */
function subjectOf(message: Notice['message'], title: string): string {
  const subject = 'incident' in message ? `[${message.environment}] Incident ${message.incident}` : title
  return subject.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
}
