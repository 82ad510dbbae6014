import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '../../testing/test.ts'
import { Vocabulary } from '../compile/vocabulary.ts'
import { builtInSentences } from '../sentences/built-in.ts'
import { completionsAt, diagnosticsOf } from './analysis.ts'

const vocabulary = new Vocabulary(builtInSentences)

test('an included file has no faults of its own, and its logins are known', async ({}, info) => {
  const folder = info.outputPath()
  await writeFile(path.join(folder, 'logins.txt'), 'Login: admin\nPOST /login {"user": "ada"}\n')
  const text = 'Include "logins.txt"\nScenario: one\nAs "admin"\nGET /users\n'
  expect(diagnosticsOf(text, path.join(folder, 'a.txt'), vocabulary)).toEqual([])
})

test('the faults of an included file are at the line that includes it, also by way of another file', async ({}, info) => {
  const folder = info.outputPath()
  await writeFile(path.join(folder, 'outer.txt'), 'Include "inner.txt"\n')
  await writeFile(path.join(folder, 'inner.txt'), 'GET /users\nGET users and more\n')
  const text = 'Scenario: one\nGET /one\n  Include "outer.txt"\n'
  const found = diagnosticsOf(text, path.join(folder, 'a.txt'), vocabulary)
  expect(found).toEqual([
    {
      range: { start: { line: 2, character: 2 }, end: { line: 2, character: 21 } },
      message: expect.stringMatching(/^inner\.txt:2:\d+: /),
    },
  ])
})

test('a text that is in no file cannot include others', () => {
  const [fault] = diagnosticsOf('Include "logins.txt"\nGET /users', undefined, vocabulary)
  expect(fault?.message).toContain('This text is in no file')
})

test('completion has the keywords of the format', () => {
  const labels = completionsAt('GET /users\nL', { line: 1, character: 1 }, vocabulary)
    .filter(({ kind }) => kind === 'keyword')
    .map(({ label }) => label)
  expect(labels).toEqual(['Scenario:', 'Tag:', 'Tag Each Scenario:', 'Login:', 'Before Each Scenario:', 'Examples:'])
})

test('completion has the variables of what runs before the line, of logins and of included files', async ({}, info) => {
  const folder = info.outputPath()
  await writeFile(path.join(folder, 'steps.txt'), 'Save Value 1 As included\n')
  const lines = [
    'Before Each Scenario:',
    'Save Value 1 As before',
    'Login: admin',
    'Save Value 1 As token',
    'Scenario: one',
    'Save Value 1 As other',
    'Scenario: two',
    'As "admin"',
    'Include "steps.txt"',
    'Save Value 1 As own',
    'GET /${',
    'Save Value 1 As later',
  ]
  const namesAt = (line: number, character: number) =>
    completionsAt(lines.join('\n'), { line, character }, vocabulary, path.join(folder, 'a.txt'))
      .filter(({ kind, label }) => kind === 'variable' && !/[.:]/.test(label))
      .map(({ label, detail }) => `${label}, ${detail}`)
  lines[5] = 'GET /${'
  expect(namesAt(5, 7)).toEqual(['before, line 2'])
  lines[5] = 'Save Value 1 As other'
  expect(namesAt(10, 7)).toEqual(['own, line 10', 'before, line 2', 'token, line 4', 'included, steps.txt, line 1'])
})
