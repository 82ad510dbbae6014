/** Sends a test message by email to each server of its arguments; prints the answer or the error, a line each. */
import { secret } from '../../../environment/secrets/secret.ts'
import { email } from '../../alerts/channels/email.ts'
import { sendNotice } from '../../alerts/send-notice.ts'

const message = { kind: 'test' as const, at: '2030-03-01T00:00:00+00:00' }
const settings = { user: 'monitor', from: 'monitor@example.com', to: 'oncall@example.com' }
for (const server of process.argv.slice(2)) {
  const channel = email({ server, password: secret('SMTP_PASSWORD'), ...settings })
  const sending = sendNotice(
    { name: 'desk', channel, env: process.env },
    { message, idempotencyKey: server },
    AbortSignal.timeout(10_000),
  )
  console.log(await sending.then(({ answer }) => answer, String))
}
