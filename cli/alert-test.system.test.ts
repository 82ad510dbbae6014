/** `monitor alert-test` as a process of its own, whose certificates are given by a variable. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, mergeTests } from '@playwright/test'
import { cert, key } from '../fixtures/testing/certificate.ts'
import { test as withMailbox } from '../monitor/testing/mailbox-fixture.ts'
import { test as withProject } from '../testing/nested-monitor/nested-monitor.ts'

const test = mergeTests(withMailbox, withProject)

test('a mail is sent after STARTTLS to a server whose certificate is trusted, and to no other', async ({
  mailbox,
  project,
}) => {
  const port = await mailbox.listen({ key, cert })
  const nested = await project('http://127.0.0.1:9', {
    channels: {
      desk: {
        kind: 'email',
        server: `smtp://127.0.0.1:${port}`,
        from: 'monitor@example.com',
        to: ['oncall@example.com'],
      },
    },
    checks: {},
    files: {},
  })
  const authority = path.join(nested.folder, 'ca.pem')
  await writeFile(authority, cert)
  const trusted = await nested.start(['alert-test', 'desk'], { NODE_EXTRA_CA_CERTS: authority }).result
  expect(trusted).toMatchObject({ code: 0, stderr: '' })
  expect(mailbox.sessions).toMatchObject([{ secure: true }])
  const other = await nested.start(['alert-test', 'desk']).result
  expect(other.code).toBe(1)
  expect(mailbox.mails).toHaveLength(1)
})
