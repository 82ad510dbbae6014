import { expect, test } from '../../testing/test.ts'
import { dueTimes } from '../schedule/due-times.ts'
import { firstDueWithinYear } from '../schedule/next-due.ts'
import {
  endsBy,
  expectedAfterMissed,
  expectedAfterReport,
  firstExpected,
  type HeartbeatRules,
} from './heartbeat-expectation.ts'

const at = (text: string) => new Date(`${text}Z`)
const minutes = (count: number) => count * 60_000

function schedule(cron: string, timezone = 'UTC') {
  const times = dueTimes({ cron, timezone })
  return (after: Date) => firstDueWithinYear(times, after)
}
const nightly = schedule('0 3 * * *')
const never = () => undefined
const grace: HeartbeatRules = { graceMs: minutes(30) }

test('a report counts for the due times before it, and for one that is so near that clocks may differ', () => {
  const after = (report: string, beginsOrStandsAlone = true) =>
    expectedAfterReport(grace, at('2030-05-02T03:00'), { at: at(report), beginsOrStandsAlone }, nightly)
  expect(after('2030-05-02T03:10')).toEqual(at('2030-05-03T03:00'))
  // Three days late.
  expect(after('2030-05-05T12:00')).toEqual(at('2030-05-06T03:00'))
  expect(after('2030-05-02T02:59:30')).toEqual(at('2030-05-03T03:00'))
  // The end of a long run is no early beginning of the next one, and a run by hand at noon is not the nightly one.
  expect(after('2030-05-02T02:59:30', false)).toEqual(at('2030-05-02T03:00'))
  expect(after('2030-05-01T12:00')).toEqual(at('2030-05-02T03:00'))
})

test('of a schedule by the minute, a report counts for one due time', () => {
  const everyMinute = schedule('* * * * *')
  const after = (report: string) =>
    expectedAfterReport(grace, at('2030-05-02T03:00'), { at: at(report), beginsOrStandsAlone: true }, everyMinute)
  expect(after('2030-05-02T03:00:50')).toEqual(at('2030-05-02T03:01'))
  expect(after('2030-05-02T02:59:50')).toEqual(at('2030-05-02T03:01'))
  expect(after('2030-05-02T02:59:40')).toEqual(at('2030-05-02T03:00'))
})

test('with a period, a report is due so long after the last one', () => {
  const rules = { ...grace, everyMs: minutes(60) }
  expect(firstExpected(rules, at('2030-05-02T03:20'), never)).toEqual(at('2030-05-02T04:20'))
  const report = { at: at('2030-05-02T04:00'), beginsOrStandsAlone: false }
  expect(expectedAfterReport(rules, at('2030-05-02T04:20'), report, never)).toEqual(at('2030-05-02T05:00'))
  const missed = (now: string, blindUntil: Date | null = null) =>
    expectedAfterMissed(rules, at('2030-05-02T05:00'), { now: at(now), blindUntil }, never)
  expect(missed('2030-05-02T05:30')).toEqual(at('2030-05-02T06:00'))
  expect(missed('2030-05-02T09:40')).toEqual(at('2030-05-02T10:00'))
  // The last report may have been lost at the end of that time.
  expect(missed('2030-05-02T09:40', at('2030-05-02T09:35'))).toEqual(at('2030-05-02T10:35'))
})

test('after a time without a monitor, the first due time counts that is not late yet', () => {
  const missed = (now: string) =>
    expectedAfterMissed(grace, at('2030-05-02T03:00'), { now: at(now), blindUntil: at(now) }, nightly)
  expect(missed('2030-05-02T03:30')).toEqual(at('2030-05-03T03:00'))
  expect(missed('2030-05-05T03:10')).toEqual(at('2030-05-05T03:00'))
  expect(missed('2030-05-05T03:30')).toEqual(at('2030-05-06T03:00'))
})

test('due times follow the clock of their time zone, also where it changes', () => {
  const berlin = schedule('30 2 * * *', 'Europe/Berlin')
  const dues = ['2030-03-29T12:00', '2030-03-30T12:00', '2030-03-31T12:00'].map(time =>
    firstExpected(grace, at(time), berlin),
  )
  // On 31 March, 02:30 does not exist: it is an hour after the change, at 03:30 in summer time.
  expect(dues).toEqual([at('2030-03-30T01:30'), at('2030-03-31T01:30'), at('2030-04-01T00:30')])
})

test('a yearly schedule has a next time, and one without any is never late', () => {
  expect(firstExpected(grace, at('2030-01-02T00:00'), schedule('0 0 1 1 *'))).toEqual(at('2031-01-01T00:00'))
  expect(firstExpected(grace, at('2030-01-02T00:00'), schedule('0 0 29 2 *'))).toBeNull()
  expect(endsBy(grace, at('2030-01-02T00:00'), null)).toBeNull()
})

test('a run ends within maxRun, or before the next one is late', () => {
  const began = at('2030-05-02T03:00')
  expect(endsBy({ ...grace, maxRunMs: minutes(90) }, began, at('2030-05-03T03:00'))).toEqual(at('2030-05-02T04:30'))
  expect(endsBy(grace, began, at('2030-05-03T03:00'))).toEqual(at('2030-05-03T03:30'))
})
