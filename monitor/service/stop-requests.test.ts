import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from '../../testing/test.ts'
import { StopRequests } from './stop-requests.ts'

test('runs that are under way are asked to end, and nothing is kept for those that have ended', async () => {
  const requests = new StopRequests()
  const [ended, first, second] = [requests.begin(), requests.begin(), requests.begin()]
  const asked: string[] = []
  void ended.asked.then(() => asked.push('ended'))
  void first.asked.then(() => asked.push('first'))
  void second.asked.then(() => asked.push('second'))
  ended.end()
  await pause(1)
  expect(asked).toEqual([])
  requests.askAll()
  await Promise.all([first.asked, second.asked])
  await pause(1)
  expect(asked).toEqual(['first', 'second'])
})
