/** A process that delivers the outbox to the channels of a JSON document, and is killed meanwhile. */
import { senderOf } from '../../alerts/sender.ts'
import { startDeliveries } from '../../service/deliveries.ts'
import { openPool } from '../../store/pool.ts'
import { listen } from '../../store/wake.ts'

// In case the test ends first.
process.on('disconnect', () => process.exit())

const [, , database = '', json = '{}'] = process.argv
const channels = JSON.parse(json)
const sender = { channels: new Set(Object.keys(channels)), send: senderOf(channels, {}) }
const { wake } = startDeliveries(openPool(database), () => sender, {
  onError: error => {
    throw error
  },
  onDone: () => undefined,
  onRemoved: () => undefined,
})
listen(database, wake)
