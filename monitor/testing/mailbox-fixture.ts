/** Playwright's `test` with an SMTP server that can be started with its faults. */
import { once } from 'node:events'
import type { Server } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { test as base } from '../../testing/test.ts'

export interface Mailbox {
  mails: ParsedMail[]
  /** The mails as they were sent. */
  sources: Buffer[]
  /** How the connections of the mails were secured, and who had signed in. */
  sessions: { secure: boolean; user: string | undefined }[]
  /** Starts a server with these options; returns its port. */
  listen(options?: SMTPServerOptions): Promise<number>
}

export const test = base.extend<{ mailbox: Mailbox }>({
  mailbox: async ({}, use) => {
    const servers: SMTPServer[] = []
    const mailbox: Mailbox = {
      mails: [],
      sources: [],
      sessions: [],
      async listen(options = {}) {
        const server = new SMTPServer({
          authOptional: true,
          logger: false,
          onAuth: ({ username, password }, _session, done) =>
            password === 'canary-4711' ? done(null, { user: username }) : done(new Error(`no ${password} here`)),
          onData: (stream, session, done) => {
            const take = async () => {
              const source = await buffer(stream)
              mailbox.mails.push(await simpleParser(source))
              mailbox.sources.push(source)
              mailbox.sessions.push({ secure: session.secure, user: session.user })
            }
            take().then(() => done(), done)
          },
          ...options,
        })
        // A client that does not trust the certificate breaks the connection off.
        server.on('error', () => undefined)
        servers.push(server)
        server.listen(0, '127.0.0.1')
        await once(server.server, 'listening')
        return portOf(server.server)
      },
    }
    await use(mailbox)
    for (const server of servers) await new Promise<void>(resolve => server.close(resolve))
  },
})

export function portOf(server: Pick<Server, 'address'>): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
