// Sends the mail that welcomes a new user.
import { createTransport } from 'nodemailer'
import type { Logger } from 'pino'
import type { User } from './users/schema.ts'

/** How mails are sent. */
export interface MailSettings {
  /** The server that sends them: `smtp://HOST:PORT`. */
  smtpUrl: string
  /** The URL of this app in their links, without a slash at its end. */
  publicUrl: string
}

/** How long each part of sending a mail may take. */
const PATIENCE_MS = 5000

/** Returns a function that resolves when the mail was sent. A mail that cannot be sent is logged: the user exists all the same. */
export function welcomeMail({ smtpUrl, publicUrl }: MailSettings, logger: Logger): (user: User) => Promise<void> {
  const limits = { connectionTimeout: PATIENCE_MS, greetingTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS }
  const transport = createTransport({ url: smtpUrl, ...limits })
  return async ({ id, name, email }) => {
    try {
      await transport.sendMail({
        from: { name: 'Sample', address: 'sample@example.com' },
        to: { name, address: email },
        subject: 'Welcome',
        text: `Welcome, ${name}!\n\nYour account: ${publicUrl}/users/${id}\n`,
      })
    } catch (error) {
      logger.error({ err: error, user: id }, 'the welcome mail was not sent')
    }
  }
}
