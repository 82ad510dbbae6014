import { expect, test } from '../../testing/test.ts'
import type { Change } from '../store/changes.ts'
import { createChangeFeed } from './change-feed.ts'
import { visibleChange } from './visible-change.ts'

const of = (check: string, ...incidents: number[]): Change => ({ checks: [check], incidents })

test('changes at once are one report, later ones another, and the end is reported once to each reader', async () => {
  const feed = createChangeFeed(20)
  const reports: (readonly Change[])[] = []
  let ends = 0
  let reported: (() => void) | undefined
  const reader = {
    onChange: (changes: readonly Change[]) => {
      reports.push(changes)
      reported?.()
    },
    onEnd: () => ends++,
  }
  feed.subscribe(reader)
  const leave = feed.subscribe({ ...reader, onChange: () => expect(false, 'It has left.').toBe(true) })
  leave()
  const next = () =>
    new Promise<void>(resolve => {
      reported = resolve
    })
  for (const name of ['users', 'orders', 'orders', 'users', 'orders']) feed.announce(of(name))
  expect(reports).toEqual([[of('users')]])
  await next()
  expect(reports.slice(1)).toEqual([[of('orders'), of('users')]])
  // More than anyone reads.
  const third = next()
  for (let index = 0; index < 500; index++) feed.announce(of(`check-${index}`))
  await third
  expect(reports.slice(2)).toEqual([['anything']])
  feed.close()
  feed.announce('anything')
  expect([reports.length, ends]).toEqual([3, 1])
  feed.subscribe(reader)
  expect(ends).toBe(2)
})

test('a viewer is sent the names of visible checks, and the incidents that these have changed', () => {
  const sees = (name: string) => name !== 'ledger'
  const changes = [of('ledger', 7), of('users'), of('orders', 8), of('users', 8)]
  expect(visibleChange(changes, { sees })).toEqual({ checks: ['users', 'orders'], incidents: [8] })
  expect(visibleChange([{ checks: ['ledger', 'users'], incidents: [9] }], { sees })).toEqual({
    checks: ['users'],
    incidents: [9],
  })
  expect(visibleChange([of('ledger', 7)], { sees })).toBeUndefined()
  expect(visibleChange([of('ledger', 7), 'anything'], { sees })).toEqual({})
})
