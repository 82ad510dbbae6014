/** A process that plans every second, and sets its clock back by an hour when it gets a message. */
import { startSchedule } from '../../schedule/schedule.ts'

// In case the test ends first.
process.on('disconnect', () => process.exit())

const RealDate = Date
let setBackMs = 0
globalThis.Date = new Proxy(RealDate, {
  construct: (target, values) => (values.length === 0 ? new target(Date.now()) : Reflect.construct(target, values)),
  get: (target, name) => (name === 'now' ? () => target.now() - setBackMs : Reflect.get(target, name)),
})

process.on('message', () => {
  setBackMs = 3_600_000
  process.send?.('set back')
})
startSchedule({
  everySecond: true,
  plan: async () => {
    process.send?.(Date.now() < RealDate.now() - 3_000_000 ? 'planned after' : 'planned before')
    return 0
  },
  onAdded: () => undefined,
  onError: error => {
    throw error
  },
})
