/** Mails over TLS, from a process that trusts an authority of its user's: Node reads that when a process starts. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from '@playwright/test'
import { cert, key } from '../../../fixtures/testing/certificate.ts'
import { childEnvironment } from '../../../testing/child-environment.ts'
import { writeFiles } from '../../../testing/project-folder.ts'
import { test } from '../../testing/mailbox-fixture.ts'

test('a login and a mail go over TLS, from the first byte or after STARTTLS, to a server that is trusted by its name', async ({
  mailbox,
}, info) => {
  const options = { cert, key, authOptional: false }
  const implicit = await mailbox.listen({ ...options, secure: true })
  const starttls = await mailbox.listen(options)
  await writeFiles(info.outputDir, { 'authority.pem': cert })
  const servers = [
    `smtps://127.0.0.1:${implicit}`,
    `smtp://127.0.0.1:${starttls}`,
    // The certificate is not for this name.
    `smtps://localhost:${implicit}`,
  ]
  const main = path.join(import.meta.dirname, '../../testing/trusting-mailer/main.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', main, ...servers], {
    env: childEnvironment({
      NODE_EXTRA_CA_CERTS: info.outputPath('authority.pem'),
      SMTP_PASSWORD: 'canary-4711',
    }),
  })
  expect(stdout.trim().split('\n')).toEqual([
    'sent to oncall@example.com',
    'sent to oncall@example.com',
    expect.stringMatching(/^Error: Channel desk did not send the mail to .*certificate's altnames/),
  ])
  expect(mailbox.sessions).toEqual([
    { secure: true, user: 'monitor' },
    { secure: true, user: 'monitor' },
  ])
})
