import { expect, test } from '../../testing/test.ts'
import { type Route, type RoutedMatter, routed } from './routes.ts'

const down: RoutedMatter = {
  ...{ kind: 'down', severity: 'critical', check: 'cart' },
  ...{ tags: ['@checkout', '@smoke'], environment: 'production' },
}
const leak: RoutedMatter = { kind: 'leak', severity: 'warning', environment: 'production' }

test('the first route that matches decides, and an empty one sends nothing', () => {
  const routes: Route[] = [
    { match: { kinds: ['leak'] }, channels: [] },
    { match: { tags: ['@checkout'] }, channels: ['shop'] },
    { match: {}, channels: ['desk'] },
  ]
  expect(routed(routes, leak)?.channels).toEqual([])
  expect(routed(routes, down)).toEqual({ channels: ['shop'], others: false })
  expect(routed(routes, { ...down, tags: [] })?.channels).toEqual(['desk'])
})

test('a route that continues adds its channels to those of later routes, or of the check', () => {
  const also: Route = { match: { severity: ['critical'] }, channels: ['pager'], continue: true }
  expect(routed([also], down)).toEqual({ channels: ['pager'], others: true })
  expect(routed([also, { match: {}, channels: ['desk', 'pager'] }], down)).toEqual({
    channels: ['pager', 'desk'],
    others: false,
  })
  expect(routed([also], leak)).toBeUndefined()
})

for (const [what, match, isMatched] of [
  ['a kind', { kinds: ['down'] }, true],
  ['another kind', { kinds: ['unknown'] }, false],
  ['one of several tags', { tags: ['@jobs', '@smoke'] }, true],
  ['another tag', { tags: ['@jobs'] }, false],
  ['a check', { checks: ['cart'] }, true],
  ['an environment', { environments: ['staging'] }, false],
  ['a severity', { severity: ['warning', 'critical'] }, true],
  ['all parts', { kinds: ['down'], tags: ['@checkout'], environments: ['production'] }, true],
  ['all parts but one', { kinds: ['down'], tags: ['@checkout'], environments: ['staging'] }, false],
  ['nothing', { kinds: [] }, false],
] satisfies [string, Route['match'], boolean][]) {
  test(`a route for ${what} ${isMatched ? 'matches' : 'does not match'}`, () => {
    expect(routed([{ match, channels: ['desk'] }], down) !== undefined).toBe(isMatched)
  })
}

test('a message without a check has no tags, and no name of a check', () => {
  expect(routed([{ match: { tags: ['@checkout'] }, channels: ['desk'] }], leak)).toBeUndefined()
  expect(routed([{ match: { checks: ['cart'] }, channels: ['desk'] }], leak)).toBeUndefined()
})
