import { expect, test } from '../../testing/test.ts'
import { dueTimes } from './due-times.ts'
import { createNextDue } from './next-due.ts'

test('the next due time is after the given time, and moves on with it', () => {
  const times = dueTimes({ cron: '*/5 * * * *', timezone: 'UTC' })
  const nextDue = createNextDue()
  const at = (minute: string) => new Date(`2030-03-01T10:${minute}Z`)
  expect(nextDue(times, at('00:00'))).toEqual(at('05:00'))
  expect(nextDue(times, at('04:59'))).toEqual(at('05:00'))
  expect(nextDue(times, at('05:00'))).toEqual(at('10:00'))
  expect(nextDue(times, at('01:00'))).toEqual(at('05:00'))
  times.close()
})

test('a check that is due within a month is found; one that is due in a year only when it comes near', () => {
  const monthly = dueTimes({ cron: '30 4 1 * *', timezone: 'UTC' })
  const yearly = dueTimes({ cron: '0 0 24 12 *', timezone: 'UTC' })
  const nextDue = createNextDue()
  expect(nextDue(monthly, new Date('2030-03-01T04:30:00Z'))).toEqual(new Date('2030-04-01T04:30:00Z'))
  expect(nextDue(yearly, new Date('2030-03-01T00:00:00Z'))).toBeUndefined()
  expect(nextDue(yearly, new Date('2030-12-10T00:00:00Z'))).toEqual(new Date('2030-12-24T00:00:00Z'))
  monthly.close()
  yearly.close()
})
