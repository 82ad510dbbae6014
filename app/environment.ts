// Reads the configuration of main.ts from environment variables.

import type { MailSettings } from './welcome-mail.ts'

/** The app's address, its database, and how it sends mails, if it does. */
export interface Environment {
  host: string
  port: number
  databaseUrl: string
  mail: MailSettings | undefined
}

/**
 * Reads HOST (default 127.0.0.1), PORT (default 3000), DATABASE_URL, MAIL_URL (default: no mails), and PUBLIC_URL, the app's own
 * in mails (default: made of HOST and PORT). Throws one error with every fault.
 */
export function readEnvironment(variables: Record<string, string | undefined>): Environment {
  // Shells and compose files set empty variables for "not set".
  const host = variables.HOST || '127.0.0.1'
  const port = variables.PORT || '3000'
  const databaseUrl = variables.DATABASE_URL || ''
  const smtpUrl = variables.MAIL_URL || undefined
  const publicUrl = (variables.PUBLIC_URL || `http://${host}:${port}`).replace(/\/+$/, '')

  const faults = [portFault(port), databaseUrlFault(databaseUrl), mailUrlFault(smtpUrl)].filter(
    fault => fault !== undefined,
  )
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return { host, port: Number(port), databaseUrl, mail: smtpUrl === undefined ? undefined : { smtpUrl, publicUrl } }
}

function portFault(port: string): string | undefined {
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65535) return undefined
  return `The environment variable PORT is ${JSON.stringify(port)}. Set it to a whole number from 0 (any free port) to 65535, for example PORT=3000.`
}

function databaseUrlFault(databaseUrl: string): string | undefined {
  const example = 'for example DATABASE_URL=postgres://user:password@localhost:5432/sample'
  if (databaseUrl === '')
    return `The environment variable DATABASE_URL is not set. Set it to a Postgres URL, ${example}.`
  const scheme = URL.canParse(databaseUrl) ? new URL(databaseUrl).protocol : undefined
  if (scheme === 'postgres:' || scheme === 'postgresql:') return undefined
  // Without the value, which may contain a password, since this is logged.
  const found = scheme === undefined ? 'is not a URL' : `begins with ${JSON.stringify(scheme)}`
  return `The environment variable DATABASE_URL ${found}. Set it to a Postgres URL, ${example}.`
}

function mailUrlFault(smtpUrl: string | undefined): string | undefined {
  if (smtpUrl === undefined) return undefined
  const scheme = URL.canParse(smtpUrl) ? new URL(smtpUrl).protocol : undefined
  if (scheme === 'smtp:' || scheme === 'smtps:') return undefined
  // Without the value, which may contain a password.
  const found = scheme === undefined ? 'is not a URL' : `begins with ${JSON.stringify(scheme)}`
  return `The environment variable MAIL_URL ${found}. Set it to the URL of an SMTP server, for example MAIL_URL=smtp://localhost:1025, or remove it.`
}
