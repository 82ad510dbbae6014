import { expect, test } from '@playwright/test'
import { transformSync } from 'esbuild'
import { readText } from '../compile/read-spec.ts'
import { Vocabulary } from '../compile/vocabulary.ts'
import { builtInSentences } from '../sentences/built-in.ts'
import { defineSentence } from '../sentences/define-sentence.ts'
import { toTypeScript } from './to-typescript.ts'
import { translations } from './translations.ts'
import { untranslated } from './untranslated.ts'

const own = defineSentence('I wait {int} day(s)', () => undefined)
const vocabulary = new Vocabulary([...builtInSentences, own])

function specOf(...lines: string[]) {
  const { scenarios, faults } = readText(lines.join('\n'), 'a.txt', vocabulary)
  expect(faults).toEqual([])
  const options = {
    test: './test.ts',
    english: 'reprise/plain-english',
    sentences: undefined,
    origins: ['https://api.example.com'],
  }
  return toTypeScript(scenarios, 'a.txt', options)
}

/** The lines of the first test. */
const linesOf = (...lines: string[]) => {
  const { text, english } = specOf(...lines)
  expect(english).toEqual([])
  const body = text.split('\n')
  const start = body.findIndex(line => line.startsWith('test('))
  return body.slice(start + 1, body.indexOf('})', start)).map(line => line.slice(2))
}

test('each built-in sentence has a translation, or is listed as one that stays in English', () => {
  for (const { expression } of builtInSentences) {
    const isKnown = translations.has(expression) || untranslated.includes(expression)
    expect
      .soft(isKnown, `Write a translation of "${expression}" in the file of its family, or list it in untranslated.ts.`)
      .toBe(true)
  }
  expect(untranslated.filter(expression => translations.has(expression))).toEqual([])
})

for (const { expression, example = '' } of builtInSentences.filter(({ expression }) => translations.has(expression))) {
  test(`the example of "${expression}" becomes valid code`, () => {
    const names = new Set(
      [...example.matchAll(/\$\{(\w+)[^}:]*\}/g)].map(found => found[1] ?? '').filter(name => name !== 'unique'),
    )
    const needed = [
      'Go To https://api.example.com/users',
      'GET /users',
      ...[...names].map(name => `Save Field ${name} As ${name}`),
    ]
    const { text, english } = specOf(...needed, example)
    expect(english).toEqual([])
    expect(transformSync(text, { loader: 'ts' }).warnings).toEqual([])
    expect(text).not.toContain('say(')
  })
}

test('requests: headers, bodies, forms, variables, and origins of production', () => {
  const lines = linesOf(
    'Set Header Accept-Language To "de"',
    'Bearer Token Is ${secret:TOKEN}',
    'POST https://api.example.com/users {"name": "O\'Hara", "email": "${unique.email}"}',
    'Save Field users[0].id As id',
    'PUT /users/${id}?q=${unique.id} "plain"',
    'POST /login Form {"user": "ada"}',
    'Response Time Should Be Less Than 500 ms',
  )
  expect(lines).toEqual([
    'const uniqueEmail = unique.email()',
    'const headers: Record<string, string> = {}',
    "headers['accept-language'] = 'de'",
    "headers.authorization = `Bearer ${env('TOKEN')}`",
    `let response = await request.post('/users', { headers, data: { name: "O'Hara", email: uniqueEmail } })`,
    'const id = (await response.json()).users[0].id',
    'expect(id).toBeDefined()',
    "response = await request.put(`/users/${encodeURIComponent(id)}?q=${encodeURIComponent(unique.id)}`, { headers: { 'content-type': 'text/plain', ...headers }, data: 'plain' })",
    'const startedAt = performance.now()',
    "response = await request.post('/login', { headers, form: { user: 'ada' } })",
    'const durationMs = performance.now() - startedAt',
    'expect(durationMs).toBeLessThan(500)',
  ])
})

test('a table becomes a loop, and tags stay', () => {
  const { text } = specOf(
    'Tag: @smoke',
    'Scenario: it is refused',
    'POST /users {"name": ${name}}',
    'Status Code Should Be 422',
    '| name |',
    '| "" |',
    '| null |',
  )
  expect(text).toContain(`for (const { title, name } of [
  { title: 'it is refused (name: )', name: '' },
  { title: 'it is refused (name: null)', name: null },
]) {
  test(title, { tag: ['@smoke'] }, async ({ request }) => {`)
})

test('a scenario with a sentence that has no translation stays in English', () => {
  const { text, english } = specOf('Scenario: later', 'GET /users/${id}', 'I wait 3 days', '| id |', '| "a" |')
  expect(english).toEqual([{ title: 'later (id: a)', reason: 'no translation: I wait {int} day(s)' }])
  expect(text).toContain(`  await say({ baseURL, request }, [
    'GET /users/\${id}',
    'I wait 3 days',
  ], { cells: { id: 'a' } })`)
  expect(transformSync(text, { loader: 'ts' }).warnings).toEqual([])
})
