import { expect, test } from '../../testing/test.ts'
import { defineSentence, type ParametersOf } from './define-sentence.ts'

test('parameters have the types of their names', () => {
  const typed: ParametersOf<'{word} waits {int} or {float} days (at most) {duration} for {json}'> = [
    'ada',
    1,
    1.5,
    1000,
    { a: [null] },
  ]
  // @ts-expect-error a number is not a text
  const wrong: ParametersOf<'as {string}'> = [1]
  expect([...typed, ...wrong]).toHaveLength(6)
  defineSentence('{word} pays {int} euro(s)', ({}, who, amount) => [who.toUpperCase(), amount.toFixed(2)])
  // @ts-expect-error there is only one parameter
  defineSentence('{word} leaves', ({}, who, reason) => [who, reason])
})

test('fixtures are taken from the object pattern of the first parameter, as in a test', () => {
  const asked = (run: (fixtures: { request: unknown; page: unknown }) => unknown) => defineSentence('x', run).fixtures
  expect(asked(async ({ request, page: tab }) => [request, tab])).toEqual(['request', 'page'])
  expect(
    asked(function named({ request }) {
      return request
    }),
  ).toEqual(['request'])
  expect(asked(({}) => 1)).toEqual([])
  expect(asked(() => 1)).toEqual([])
  expect(() => asked(fixtures => fixtures)).toThrow('name its fixtures in braces')
  expect(() => asked(({ ...all }) => all)).toThrow('name its fixtures in braces')
})
