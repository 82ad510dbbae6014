import { expect, test } from '@playwright/test'
import { parse } from '../parse/parse.ts'
import { Source } from '../parse/source.ts'
import { defineSentence, type ParametersOf, type Sentence } from './sentence.ts'
import { Vocabulary } from './vocabulary.ts'

function match(line: string, ...sentences: Sentence[]): string[] {
  const tokens = parse(new Source(line)).document.scenarios[0]?.sentences[0]?.tokens ?? []
  return new Vocabulary(sentences).match(tokens).map(({ sentence }) => sentence.expression)
}

const nothing = () => undefined

test('parameters have the types that their names say', () => {
  const typed: ParametersOf<'{word} waits {int} or {float} days (at most) {duration} for {json}'> = [
    'ada',
    1,
    1.5,
    1000,
    { a: [null] },
  ]
  // @ts-expect-error a number is no text
  const wrong: ParametersOf<'as {string}'> = [1]
  expect([...typed, ...wrong]).toHaveLength(6)
  defineSentence('{word} pays {int} euro(s)', ({}, who, amount) => [who.toUpperCase(), amount.toFixed(2)])
  // @ts-expect-error there is one parameter
  defineSentence('{word} leaves', ({}, who, reason) => [who, reason])
})

test('the fixtures are those that are named, as in a test', () => {
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

test('a line is matched whatever its case, with optional and alternative words', () => {
  const sentence = defineSentence('I have/own {int} cucumber(s)', nothing)
  for (const line of ['I have 1 cucumber', 'i OWN ${n} Cucumbers', 'Given I   have\t-2 cucumbers']) {
    expect(match(line, sentence)).toHaveLength(1)
  }
  for (const line of ['I have 1.5 cucumbers', 'I have 1 cucumber more', 'I have "1" cucumber']) {
    expect(match(line, sentence)).toEqual([])
  }
})

test('every sentence that fits a line is found', () => {
  const sentences = [defineSentence('I wait {int} days', nothing), defineSentence('I wait {word} days', nothing)]
  expect(match('I wait 3 days', ...sentences)).toEqual(['I wait {int} days', 'I wait {word} days'])
  expect(match('I wait three days', ...sentences)).toEqual(['I wait {word} days'])
})

test('what stands in quotes is never taken for words of a sentence', () => {
  const sentences = [defineSentence('Say {string}', nothing), defineSentence('Say {string} To {string}', nothing)]
  expect(match('Say "hello\\" To \\"you"', ...sentences)).toEqual(['Say {string}'])
  expect(match("Say 'a' To “b”", ...sentences)).toEqual(['Say {string} To {string}'])
})
