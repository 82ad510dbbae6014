import { expect, test } from '../../testing/test.ts'
import { messageText } from '../alerts/message-text.ts'
import { DeliveryFailure } from '../store/delivery-failure.ts'
import type { Delivery } from '../store/outbox.ts'
import { LostDatabase } from './lost-database.ts'

const start = Date.parse('2030-03-01T00:00:00Z')

/** An instance with two channels, of which `desk` refuses at first, and a clock. */
function instance() {
  const taken: string[] = []
  const keys = new Map<string, string>()
  const state = {
    minutes: 0,
    /** How far the clock was set ahead meanwhile. */
    setAheadMs: 0,
    refuses: true,
    refusal: new Error('refused'),
    pauses: [] as (() => void)[],
    pausesMs: [] as number[],
  }
  const send = async ({ channel, message, idempotencyKey }: Delivery) => {
    const { title, lines } = messageText(message)
    const text = [`${channel}: ${title}`, ...lines].join('\n')
    if (keys.has(text)) expect(keys.get(text)).toBe(idempotencyKey)
    keys.set(text, idempotencyKey)
    if (channel === 'desk' && state.refuses) throw state.refusal
    taken.push(text)
  }
  const watch = new LostDatabase({
    instance: 'host-7 in paris',
    sender: () => ({ channels: ['desk', 'oncall'], send }),
    now: () => start + state.minutes * 60_000 + state.setAheadMs,
    elapsed: () => state.minutes * 60_000,
    pause: (ms, signal) =>
      new Promise<void>(resolve => {
        state.pausesMs.push(ms)
        state.pauses.push(resolve)
        signal.addEventListener('abort', () => resolve())
      }),
  })
  const failUntil = (minutes: number) => {
    for (; state.minutes < minutes; state.minutes++) watch.failed()
    watch.failed()
  }
  return { watch, taken, keys, state, failUntil }
}

const title = (taken: readonly string[]) => taken.map(text => text.split('\n')[0])
const settled = () => new Promise(resolve => setImmediate(resolve))

test('a lost database is reported once to each channel, with the instance, and its end to those that know of it', async () => {
  const { watch, taken, keys, state, failUntil } = instance()
  failUntil(2)
  await settled()
  expect(taken).toEqual([])
  failUntil(6)
  await settled()
  expect(title(taken)).toEqual(['oncall: Trouble of the monitor: database, as seen by host-7 in paris'])
  expect(taken[0]).toContain('it cannot be reached since 2030-03-01 00:00:00 UTC')
  // The channel that has refused it is tried again.
  state.refuses = false
  for (const resume of state.pauses.splice(0)) resume()
  await settled()
  expect(title(taken)[1]).toBe('desk: Trouble of the monitor: database, as seen by host-7 in paris')

  watch.worked()
  watch.worked()
  await settled()
  expect(title(taken).slice(2).sort()).toEqual([
    'desk: Trouble of the monitor is over: database, as seen by host-7 in paris',
    'oncall: Trouble of the monitor is over: database, as seen by host-7 in paris',
  ])
  expect(new Set(keys.values()).size).toBe(4)
})

test('a restart of the database is not reported, nor the end of what a channel has not got', async () => {
  const { watch, taken, state, failUntil } = instance()
  failUntil(2)
  watch.worked()
  failUntil(4)
  watch.worked()
  await settled()
  expect(taken).toEqual([])

  failUntil(8)
  await settled()
  expect(title(taken)).toEqual(['oncall: Trouble of the monitor: database, as seen by host-7 in paris'])
  watch.worked()
  state.refuses = false
  await settled()
  expect(title(taken)).toEqual([
    'oncall: Trouble of the monitor: database, as seen by host-7 in paris',
    'oncall: Trouble of the monitor is over: database, as seen by host-7 in paris',
  ])
})

test('a receiver that asks for a pause of a year is tried again after an hour, and not at once', async () => {
  const { state, failUntil } = instance()
  state.refusal = new DeliveryFailure('answered 429', 'answered 429', 31_536_000_000)
  failUntil(4)
  await settled()
  expect(state.pausesMs).toEqual([3_600_000])
})

test('a clock that is set ahead or back makes an outage neither longer nor shorter', async () => {
  const { watch, taken, state, failUntil } = instance()
  watch.failed()
  state.setAheadMs = 3_600_000
  watch.failed()
  await settled()
  expect(taken).toEqual([])
  state.setAheadMs = -3_600_000
  failUntil(3)
  await settled()
  expect(title(taken)).toEqual(['oncall: Trouble of the monitor: database, as seen by host-7 in paris'])
})
