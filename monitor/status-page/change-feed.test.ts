import { expect, test } from '@playwright/test'
import { createChangeFeed } from './change-feed.ts'

test('changes at once are one report, later ones another, and the end is reported once to each reader', async () => {
  const feed = createChangeFeed(20)
  let reports = 0
  let ends = 0
  let reported: (() => void) | undefined
  const reader = {
    onChange: () => {
      reports++
      reported?.()
    },
    onEnd: () => ends++,
  }
  feed.subscribe(reader)
  const leave = feed.subscribe({ ...reader, onChange: () => expect(false, 'It has left.').toBe(true) })
  leave()
  const second = new Promise<void>(resolve => {
    reported = () => reports === 2 && resolve()
  })
  for (let change = 0; change < 5; change++) feed.announce()
  expect(reports).toBe(1)
  await second
  expect(reports).toBe(2)
  feed.close()
  feed.announce()
  expect([reports, ends]).toEqual([2, 1])
  feed.subscribe(reader)
  expect(ends).toBe(2)
})
