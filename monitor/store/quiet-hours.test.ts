import { expect, test } from '../../testing/test.ts'
import { type QuietHours, quietUntil } from './quiet-hours.ts'

const night: QuietHours = { from: 22 * 60, to: 7 * 60, timezone: 'Europe/Berlin' }
const until = (at: string, ...hours: QuietHours[]) => quietUntil(hours, new Date(at))?.toISOString()

test('from the begin to before the end, by the wall clock of the zone', () => {
  expect(until('2030-01-15T20:59:59Z', night)).toBeUndefined()
  expect(until('2030-01-15T21:00:00Z', night)).toBe('2030-01-16T06:00:00.000Z')
  expect(until('2030-01-16T05:59:59Z', night)).toBe('2030-01-16T06:00:00.000Z')
  expect(until('2030-01-16T06:00:00Z', night)).toBeUndefined()
  expect(until('2030-07-15T20:00:00Z', night)).toBe('2030-07-16T05:00:00.000Z')
  expect(until('2030-01-15T21:00:00Z', { ...night, timezone: 'America/New_York' })).toBeUndefined()
  expect(until('2030-01-16T04:00:00Z', { ...night, timezone: 'America/New_York' })).toBe('2030-01-16T12:00:00.000Z')
})

test('the night of a clock change is an hour shorter or longer', () => {
  expect(until('2030-03-30T21:00:00Z', night)).toBe('2030-03-31T05:00:00.000Z')
  expect(until('2030-03-31T04:59:59Z', night)).toBe('2030-03-31T05:00:00.000Z')
  expect(until('2030-10-26T20:00:00Z', night)).toBe('2030-10-27T06:00:00.000Z')
  // 02:30 is left out in spring, and comes twice in autumn.
  const short = { ...night, to: 150 }
  expect(until('2030-03-31T00:59:00Z', short)).toBe('2030-03-31T01:30:00.000Z')
  expect(until('2030-10-27T00:45:00Z', short)).toBe('2030-10-27T01:30:00.000Z')
  // They begin at the first of two.
  const late = { ...night, from: 150 }
  expect(until('2030-10-27T00:29:59Z', late)).toBeUndefined()
  expect(until('2030-10-27T00:30:00Z', late)).toBe('2030-10-27T06:00:00.000Z')
  expect(until('2030-03-31T01:29:59Z', late)).toBeUndefined()
  expect(until('2030-03-31T01:30:00Z', late)).toBe('2030-03-31T05:00:00.000Z')
  // West of Greenwich, the change has another sign from UTC.
  const west = { ...short, timezone: 'America/New_York' }
  expect(until('2030-03-10T06:45:00Z', west)).toBe('2030-03-10T07:30:00.000Z')
  expect(until('2030-11-03T05:45:00Z', { ...west, to: 90 })).toBe('2030-11-03T06:30:00.000Z')
})

test('the days are those on which they begin, and hours that follow each other are one time', () => {
  // A Friday.
  const friday = { ...night, timezone: 'UTC', days: [5] }
  expect(until('2030-03-01T23:00:00Z', friday)).toBe('2030-03-02T07:00:00.000Z')
  expect(until('2030-03-02T06:00:00Z', friday)).toBe('2030-03-02T07:00:00.000Z')
  expect(until('2030-03-02T23:00:00Z', friday)).toBeUndefined()
  const weekend = { from: 0, to: 1440, timezone: 'UTC', days: [6, 0] }
  expect(until('2030-03-02T12:00:00Z', weekend)).toBe('2030-03-04T00:00:00.000Z')
  expect(until('2030-03-01T23:00:00Z', friday, weekend, { ...night, timezone: 'UTC', days: [0] })).toBe(
    '2030-03-04T07:00:00.000Z',
  )
})

test('hours that cover the whole week still end', () => {
  const always = { from: 0, to: 1440, timezone: 'UTC' }
  expect(until('2030-03-01T12:00:00Z', always)).toBe('2030-03-10T00:00:00.000Z')
})
