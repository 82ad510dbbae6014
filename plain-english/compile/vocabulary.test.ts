import { expect, test } from '@playwright/test'
import { parse } from '../parse/parse.ts'
import { Source } from '../parse/source.ts'
import { defineSentence } from '../sentences/define-sentence.ts'
import type { SentenceDefinition } from './sentence-definition.ts'
import { Vocabulary } from './vocabulary.ts'

function match(line: string, ...definitions: SentenceDefinition[]): string[] {
  const tokens = parse(new Source(line)).document.scenarios[0]?.sentences[0]?.tokens ?? []
  return new Vocabulary(definitions).match(tokens).map(({ definition }) => definition.expression)
}

const nothing = () => undefined

test('matching ignores case, and supports optional and alternative words', () => {
  const definition = defineSentence('I have/own {int} cucumber(s)', nothing)
  for (const line of ['I have 1 cucumber', 'i OWN ${n} Cucumbers', 'Given I   have\t-2 cucumbers']) {
    expect(match(line, definition)).toHaveLength(1)
  }
  for (const line of ['I have 1.5 cucumbers', 'I have 1 cucumber more', 'I have "1" cucumber']) {
    expect(match(line, definition)).toEqual([])
  }
})

test('all definitions that match a line are found', () => {
  const definitions = [defineSentence('I wait {int} days', nothing), defineSentence('I wait {word} days', nothing)]
  expect(match('I wait 3 days', ...definitions)).toEqual(['I wait {int} days', 'I wait {word} days'])
  expect(match('I wait three days', ...definitions)).toEqual(['I wait {word} days'])
})

test('a text in quotes does not match words of an expression', () => {
  const definitions = [defineSentence('Say {string}', nothing), defineSentence('Say {string} To {string}', nothing)]
  expect(match('Say "hello\\" To \\"you"', ...definitions)).toEqual(['Say {string}'])
  expect(match("Say 'a' To “b”", ...definitions)).toEqual(['Say {string} To {string}'])
})
