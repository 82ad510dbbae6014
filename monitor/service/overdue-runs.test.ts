import { expect, test } from '../../testing/test.ts'
import { OverdueRuns } from './overdue-runs.ts'

test('a run that does not end is reported until all of those have ended', async () => {
  const events: string[] = []
  let heard = () => undefined as unknown
  const overdue = new OverdueRuns(1, {
    onError: ({ message }) => {
      events.push(message)
      heard()
    },
    onDone: () => events.push('done'),
  })
  const next = () =>
    new Promise<void>(resolve => {
      heard = () => resolve()
    })
  const endOfShort = overdue.begin('The run of 2 checks of staging', 60_000)
  const first = next()
  const endOfFirst = overdue.begin('The run of 3 checks of production', 1)
  await first
  const second = next()
  const endOfSecond = overdue.begin('The run of 1 check of production', 1)
  await second
  endOfFirst()
  endOfShort()
  expect(events).toEqual([
    'The run of 3 checks of production has not ended within 0 min: restart this monitor if its processes do not end either.',
    'The run of 1 check of production has not ended within 0 min: restart this monitor if its processes do not end either.',
  ])
  endOfSecond()
  expect(events.at(-1)).toBe('done')
})
