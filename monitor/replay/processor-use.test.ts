import { expect, test } from '../../testing/test.ts'
import { useBetween } from './processor-use.ts'

const thread = (runningMs: number, readyMs: number, sleeps: string, isReady = true) =>
  new Map([[1, { runningMs, readyMs, sleeps, isReady }]])

test('a thread that never slept was ready for all the time that it did not run, counted or not', () => {
  expect(useBetween(thread(500, 70, '3'), thread(510, 270, '3'), 1000)).toEqual({ running: 0.01, ready: 0.99 })
  expect(useBetween(thread(500, 70, '3'), thread(500, 70, '3'), 1000)).toEqual({ running: 0, ready: 1 })
  expect(useBetween(thread(500, 70, '3'), thread(1502, 70, '3'), 1000)).toEqual({ running: 1.002, ready: 0 })
})

test('a thread that slept was ready for the time that Linux has counted', () => {
  expect(useBetween(thread(500, 70, '3'), thread(510, 270, '4'), 1000)).toEqual({ running: 0.01, ready: 0.2 })
  expect(useBetween(thread(500, 70, '3', false), thread(510, 270, '3'), 1000)).toEqual({ running: 0.01, ready: 0.2 })
  expect(useBetween(new Map(), thread(10, 200, '1'), 1000)).toEqual({ running: 0.01, ready: 0.2 })
})
