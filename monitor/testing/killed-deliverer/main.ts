/** A process that posts one message to a URL, and is killed meanwhile. */
import { deliverNext } from '../../store/outbox.ts'
import { openPool } from '../../store/pool.ts'

// In case the test ends first.
process.on('disconnect', () => process.exit())

const [, , database = '', receiver = ''] = process.argv
await deliverNext(openPool(database), 'oncall', async ({ idempotencyKey, signal }) => {
  await fetch(receiver, { method: 'POST', headers: { 'idempotency-key': idempotencyKey }, signal })
})
