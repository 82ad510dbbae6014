import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '../../testing/test.ts'
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

test('the manifest names files that are packaged, and says all that a package needs', () => {
  const { main, license, contributes, scripts, devDependencies, ...manifest } = read('package.json')
  const [language] = contributes.languages
  const packaged = readFileSync(path.join(folder, '.vscodeignore'), 'utf8').split('\n')
  for (const file of [language.configuration, contributes.grammars[0].path]) {
    expect(readFileSync(path.join(folder, file), 'utf8')).not.toBe('')
  }
  expect(packaged).toEqual(
    expect.arrayContaining(['!dist/extension.js', '!syntaxes/**', '!language-configuration.json']),
  )
  expect(scripts['vscode:prepublish']).toContain(`esbuild extension.js`)
  expect(scripts['vscode:prepublish']).toContain(`--outfile=${path.posix.normalize(main)}`)
  expect(contributes.grammars[0]).toMatchObject({ language: language.id, scopeName: grammar.scopeName })
  expect(contributes.breakpoints).toEqual([{ language: language.id }])
  expect(Object.keys(devDependencies)).toEqual(['esbuild', 'vscode-languageclient'])
  expect(manifest).toMatchObject({ publisher: 'reprise', engines: { vscode: expect.any(String) } })
  const licence = readFileSync(path.join(folder, 'LICENSE'), 'utf8')
  expect([license, licence]).toEqual(['MIT', readFileSync(path.join(folder, '../../LICENSE'), 'utf8')])
})
