/** A process that sends a message through a command that never ends, and is killed meanwhile. */
import { exec } from '../../alerts/channels/exec.ts'
import { sendNotice } from '../../alerts/send-notice.ts'

// In case the test ends first.
process.on('disconnect', () => process.exit())

const message = { kind: 'test' as const, at: '2030-03-01T00:00:00+00:00' }
await sendNotice(
  { name: 'desk', channel: exec({ command: process.argv.slice(2) }), env: {} },
  { message, idempotencyKey: 'key-1' },
  AbortSignal.timeout(600_000),
)
