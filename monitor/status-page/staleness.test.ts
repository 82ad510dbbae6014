import { expect, test } from '../../testing/test.ts'
import { dueTimes } from '../schedule/due-times.ts'
import { createStaleness } from './staleness.ts'

/** Returns whether a result is stale at these times, if nothing was planned after `plannedUntil`. */
function stalenessAt(cron: string, plannedUntil: string, planned: number, ...times: string[]): boolean[] {
  const dues = dueTimes({ cron, timezone: 'UTC' })
  const isStale = createStaleness()
  const passed = { planned, plannedUntil: new Date(plannedUntil) }
  const answers = times.map(time => isStale(passed, dues, new Date(time)))
  dues.close()
  return answers
}

test('with regular due times, a result is stale after two of them', () => {
  const times = ['2030-03-01T00:09:59Z', '2030-03-01T00:10:00Z', '2030-03-01T00:09:59Z']
  expect(stalenessAt('*/5 * * * *', '2030-03-01T00:00:00Z', 0, ...times)).toEqual([false, true, false])
})

test('a gap in the schedule, such as a night, does not make a result stale', () => {
  // From 8 to 9 in the morning on working days; the result is of Friday.
  const times = ['2030-03-03T23:00:00Z', '2030-03-04T08:00:00Z', '2030-03-04T08:30:00Z']
  expect(stalenessAt('0,30 8 * * 1-5', '2030-03-01T08:30:00Z', 0, ...times)).toEqual([false, false, true])
})

test('due times in the queue count as well', () => {
  expect(stalenessAt('0 * * * *', '2030-03-01T00:00:00Z', 1, '2030-03-01T00:59:00Z', '2030-03-01T01:00:00Z')).toEqual([
    false,
    true,
  ])
  expect(stalenessAt('0 * * * *', '2030-03-01T00:00:00Z', 2, '2030-03-01T00:00:00Z')).toEqual([true])
})

test('a check without a schedule, or without a result, is not stale', () => {
  const isStale = createStaleness()
  expect(isStale({ planned: 0, plannedUntil: new Date(0) }, undefined, new Date())).toBe(false)
  expect(isStale(undefined, undefined, new Date())).toBe(false)
})
