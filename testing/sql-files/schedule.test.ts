import { expect, test } from '../test.ts'
import { readSchedule } from './schedule.ts'

test('reads the order of the files, and which need others', () => {
  const { names, needs } = readSchedule(`# point first
test: setup
# horology depends on date, time
# time depends on setup
test: time date
test: horology
ignore: random
`)
  expect(names).toEqual(['setup', 'time', 'date', 'horology'])
  expect(Object.fromEntries(needs)).toEqual({ time: ['setup'], horology: ['setup', 'time', 'date'] })
})
