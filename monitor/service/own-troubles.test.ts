import { expect, test } from '../../testing/test.ts'
import { OwnTroubles } from './own-troubles.ts'

test('an operation counts as a trouble once it has failed for ten minutes without working in between', () => {
  let minutes = 0
  const troubles = new OwnTroubles(() => minutes * 60_000)
  troubles.begin('Evidence cannot be moved')
  minutes = 9
  troubles.begin('Evidence cannot be moved')
  expect(troubles.lasting()).toEqual([])
  minutes = 10
  expect(troubles.lasting()).toEqual([{ what: 'Evidence cannot be moved', forMs: 600_000 }])
  troubles.end('Evidence cannot be moved')
  troubles.begin('Evidence cannot be moved')
  minutes = 19
  expect(troubles.lasting()).toEqual([])
})
