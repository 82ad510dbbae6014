/** A process that posts one message to a URL, to be killed meanwhile. */
import { deliverNext } from '../../store/outbox.ts'
import { openPool } from '../../store/pool.ts'

// Should the test end early.
process.on('disconnect', () => process.exit())

const [, , database = '', receiver = ''] = process.argv
await deliverNext(openPool(database), 'oncall', async ({ idempotencyKey, signal }) => {
  await fetch(receiver, { method: 'POST', headers: { 'idempotency-key': idempotencyKey }, signal })
})
