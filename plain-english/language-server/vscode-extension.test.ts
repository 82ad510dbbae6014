import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { builtInSentences } from '../sentences/built-in.ts'

interface Rule {
  name?: string
  match?: string
  begin?: string
  end?: string
  include?: string
  patterns?: Rule[]
}

const folder = path.join(import.meta.dirname, '../../editors/vscode')
const read = (file: string) => JSON.parse(readFileSync(path.join(folder, file), 'utf8'))
const grammar: { patterns: Rule[]; repository: Record<string, Rule>; scopeName: string } = read(
  'syntaxes/reprise.tmLanguage.json',
)

test('the rules of the grammar are valid, and colour what the vocabulary has', () => {
  const rules = [...grammar.patterns, ...Object.values(grammar.repository)]
  const patterns = rules
    .flatMap(({ match, begin, end }) => [match, begin, end])
    .filter(pattern => pattern !== undefined)
  for (const pattern of patterns) expect(() => new RegExp(pattern)).not.toThrow()
  const named = (name: string) => new RegExp(rules.find(rule => rule.name === name)?.match ?? '(?!)')
  const examples = builtInSentences.map(({ example = '' }) => example)
  expect(examples.filter(example => named('keyword.operator.reprise').test(example)).length).toBeGreaterThan(20)
  expect('PATCH /users').toMatch(named('support.function.reprise'))
  expect(examples.filter(example => named('variable.other.reprise').test(example)).length).toBeGreaterThan(3)
})

test('the manifest names files that exist, and the language server’s client', () => {
  const { main, contributes, dependencies } = read('package.json')
  const [language] = contributes.languages
  const files = [main, language.configuration, contributes.grammars[0].path]
  for (const file of files) expect(readFileSync(path.join(folder, file), 'utf8')).not.toBe('')
  expect(contributes.grammars[0]).toMatchObject({ language: language.id, scopeName: grammar.scopeName })
  expect(contributes.breakpoints).toEqual([{ language: language.id }])
  expect(Object.keys(dependencies)).toEqual(['vscode-languageclient'])
})
