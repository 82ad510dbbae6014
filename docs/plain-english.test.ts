// Compares the vocabulary in docs/plain-english.md with the code. UPDATE_VOCABULARY=1 rewrites it.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { includeExpression } from '../plain-english/compile/compile.ts'
import { readText } from '../plain-english/compile/read-spec.ts'
import { Vocabulary } from '../plain-english/compile/vocabulary.ts'
import { vocabularyMarkdown } from '../plain-english/compile/vocabulary-text.ts'
import { builtInSentences, families } from '../plain-english/sentences/built-in.ts'
import { expect, test } from '../testing/test.ts'
import { blocksOf } from './readme/blocks.ts'

const file = path.join(import.meta.dirname, 'plain-english.md')
const section = /(<!-- vocabulary: .* -->\n)[\s\S]*(<!-- end of the vocabulary -->)/

test('the vocabulary is up to date', () => {
  const text = readFileSync(file, 'utf8')
  const [before = '', after = ''] = section.exec(text)?.slice(1) ?? []
  const expected = text.replace(section, () => `${before}\n${vocabularyMarkdown(families)}\n\n${after}`)
  if (process.env.UPDATE_VOCABULARY) writeFileSync(file, expected)
  expect(expected).toBe(readFileSync(file, 'utf8'))
})

test('every example of the vocabulary matches its sentence', () => {
  const vocabulary = new Vocabulary(builtInSentences)
  for (const { expression, example = '' } of builtInSentences) {
    const { scenarios, faults } = readText(
      `Login: admin\nGET /\nScenario: a\nSave Field id As id\n${example}`,
      'example.txt',
      vocabulary,
    )
    if (expression === includeExpression) {
      expect(faults.map(({ message }) => message)).toEqual([expect.stringContaining('cannot include another one')])
      continue
    }
    assert.deepEqual(faults, [])
    assert.equal(scenarios[0]?.steps[1]?.definition.expression, expression)
  }
})

test('every example of the page is valid', () => {
  const vocabulary = new Vocabulary(builtInSentences)
  const examples = blocksOf(readFileSync(file, 'utf8')).filter(({ language }) => language === '')
  expect(examples.length).toBeGreaterThan(1)
  for (const { text } of examples) {
    expect(readText(text, 'plain-english.md', vocabulary).faults).toEqual([])
  }
})

test('the examples of the page about mails are specs of the sample, which run', () => {
  const read = (name: string) => readFileSync(path.join(import.meta.dirname, '..', name), 'utf8')
  const blocks = blocksOf(read('docs/mail.md')).filter(({ text }) => /^test\(|^Scenario:/m.test(text))
  expect(blocks.map(({ language }) => language)).toEqual(['ts', ''])
  const specs = { ts: read('e2e/api/mail.spec.ts'), '': read('e2e/plain-english/mail.txt') }
  for (const { language, text } of blocks) {
    const [example = ''] = /^(?:test\(|Scenario:)[\s\S]*/m.exec(text) ?? []
    expect(Reflect.get(specs, language)).toContain(example.trim())
  }
})
