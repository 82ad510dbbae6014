import { expect, test } from '../../testing/test.ts'
import { daysOf, instantOf } from './instant.ts'

test('dates of ISO 8601 and of HTTP, and seconds and milliseconds since 1970, are read', () => {
  const noon = Date.UTC(2027, 2, 1, 12)
  for (const date of [
    '2027-03-01T12:00:00Z',
    '2027-03-01 13:00:00.000+01:00',
    'Mon, 01 Mar 2027 12:00:00 GMT',
    noon,
    noon / 1000,
  ]) {
    expect(instantOf(date, 'it')).toBe(noon)
  }
  expect(daysOf('2027-03-01', 'it')).toEqual(['2027-03-01'])
  expect(daysOf(noon, 'it')).toContain('2027-03-01')
  expect(instantOf('yesterday', 'it')).toBeLessThan(instantOf('today', 'it'))
  expect(instantOf('now', 'it')).toBeLessThan(instantOf('tomorrow', 'it'))
})

test('what is no date is refused by its name, also what JavaScript would read as one', () => {
  for (const value of ['Ada', 'Order 1', '2027', '', '2027-13-01', null, true, {}]) {
    expect(() => instantOf(value, 'createdAt')).toThrow(`createdAt is ${JSON.stringify(value)}, which is not a date`)
  }
})
