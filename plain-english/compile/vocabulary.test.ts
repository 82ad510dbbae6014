import { expect, test } from '../../testing/test.ts'
import { parse } from '../parse/parse.ts'
import { Source } from '../parse/source.ts'
import { builtInSentences } from '../sentences/built-in.ts'
import { defineSentence } from '../sentences/define-sentence.ts'
import { jsonMark, parameterNamed, tableMark, textMark } from './parameters.ts'
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

/** What can be written for each kind of parameter. */
const samples = [
  '"a text"',
  '{"a": 1}',
  '[1]',
  '${known}',
  'a',
  '7',
  '1.5',
  'true',
  '/a',
  '30s',
  'GET',
  '\n| a |\n| 1 |',
]

test('no line matches two sentences', () => {
  const vocabulary = new Vocabulary(builtInSentences)
  let lines = 0
  const ambiguous: object[] = []
  for (const { expression } of builtInSentences) {
    // The optional parts with and without, and each sample in each place, beside the first that the place takes.
    const optional = /\(([^()]*)\)/g
    for (const text of new Set([expression.replace(optional, '$1'), expression.replace(optional, '')])) {
      const parts = text.split(/(\{\w*\})/)
      const choices = parts.map(part => (part.startsWith('{') ? samplesFor(part.slice(1, -1)) : [part]))
      for (const [place, all] of choices.entries()) {
        for (const one of all) {
          const line = choices.map((samples, index) => (index === place ? one : samples[0])).join('')
          const sentence = parse(new Source(`Scenario: a\n${line}`)).document.scenarios[0]?.sentences[0]
          const table = sentence?.table && { kind: 'table' as const, table: sentence.table, offset: 0, end: 0 }
          const tokens = [...(sentence?.tokens ?? []), ...(table ? [table] : [])]
          const found = vocabulary.match(tokens).map(({ definition }) => definition.expression)
          if (found.join() !== expression) ambiguous.push({ line, expression, found })
          lines++
        }
      }
    }
  }
  expect(ambiguous).toEqual([])
  expect(lines).toBeGreaterThan(500)
})

function samplesFor(name: string): string[] {
  const { whole } = parameterNamed(name) ?? {}
  if (name === 'sentence') return ['GET /a']
  if (name === 'type') return ['a number', 'a UUID']
  if (name === 'element') return ['"a"', 'button "a"']
  if (name === 'kind') return ['rows', 'heading']
  if (name === 'format') return ['JSON', 'text']
  const marks = samples.map(sample => {
    const mark = sample.startsWith('"') ? textMark : /^[{[]/.test(sample) ? jsonMark : sample
    return { sample, mark: sample.startsWith('\n') ? tableMark : mark }
  })
  const fitting = marks.filter(({ mark }) => whole?.test(mark)).map(({ sample }) => sample)
  if (fitting.length === 0) throw new Error(`There is no sample for {${name}}.`)
  return fitting
}
