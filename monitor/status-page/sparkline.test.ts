import { expect, test } from '../../testing/test.ts'
import { bucketOf } from '../store/histogram.ts'
import { sparkline } from './sparkline.ts'

const hour = (time: string, ...durations: number[]) => ({
  start: new Date(`2030-03-01T${time}:00:00Z`),
  durations: new Map(durations.map(ms => [bucketOf(ms), 1])),
})

test('response times are drawn by hour, with a gap where there are none, and said in words', () => {
  const now = new Date('2030-03-01T23:59:00Z')
  const { text } = sparkline([hour('00', 100), hour('01', 200, 400), hour('05', 100)], 24, now)
  expect(text).toContain(
    'aria-label="Response times of the last 24 hours: half of the replays took up to 105 ms, 95 % up to 385 ms"',
  )
  const lines = [...text.matchAll(/class="p\d\d" d="([^"]+)"/g)].map(([, path = '']) => path.split('M').length - 1)
  expect(lines).toEqual([2, 2])
  expect(sparkline([], 24, now).text).toContain('No response times in 24 h')
})
