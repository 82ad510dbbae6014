import { expect, test } from '../testing/test.ts'
import { printedLater } from './printed-later.ts'

test('lines wait for those before them, keep their order, and are printed at once from then on', () => {
  const printed: string[] = []
  const states = printedLater(text => printed.push(text))
  states.print('users is up')
  states.print('orders is down')
  expect(printed).toEqual([])
  printed.push('The monitor runs')
  states.begin()
  states.print('orders is up')
  expect(printed).toEqual(['The monitor runs', 'users is up', 'orders is down', 'orders is up'])
})
