// Any content of a file gives scenarios or faults, and a printed document parses to the same document.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { assertProportionalTime } from '../testing/proportional-time.ts'
import { soak } from '../testing/soak.ts'
import { expect, test } from '../testing/test.ts'
import { readText } from './compile/read-spec.ts'
import { Vocabulary } from './compile/vocabulary.ts'
import type { Document, Token } from './parse/document.ts'
import type { Json } from './parse/json/json.ts'
import { parse } from './parse/parse.ts'
import { print } from './parse/print.ts'
import { Source } from './parse/source.ts'
import type { Template, Variable } from './parse/template.ts'
import { builtInSentences } from './sentences/built-in.ts'

const vocabulary = new Vocabulary(builtInSentences)
const somewhere = { offset: 0, end: 0 }

const name = fc.stringMatching(/^[A-Za-z_]\w{0,8}$/)
const variable = fc
  .oneof(name, fc.constantFrom('unique.email', 'env:NAME', 'user.items[0]'))
  .map((name): Variable => ({ name, offset: 0 }))
// Adjacent texts would be parsed as one.
const template = fc
  .array(fc.tuple(fc.string({ minLength: 1, unit: 'grapheme' }), variable), { maxLength: 3 })
  .chain(pairs =>
    fc.string({ unit: 'grapheme' }).map((last): Template => [...pairs.flat(), ...(last === '' ? [] : [last])]),
  )

const { json } = fc.letrec<{ json: Json }>(tie => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc
      .oneof(
        fc.constant(null),
        fc.boolean(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).filter(value => !Object.is(value, -0)),
      )
      .map((value): Json => ({ kind: 'constant', value })),
    template.map((template): Json => ({ kind: 'text', template })),
    variable.map((variable): Json => ({ kind: 'variable', variable })),
    fc.array(tie('json'), { maxLength: 4 }).map((items): Json => ({ kind: 'list', items })),
    fc
      .uniqueArray(fc.tuple(template, tie('json')), { maxLength: 4, selector: ([name]) => JSON.stringify(name) })
      .map((members): Json => ({ kind: 'object', members: members.map(([name, value]) => ({ name, value })) })),
  ),
}))

const container = json.filter(({ kind }) => kind === 'list' || kind === 'object')
const word = fc.stringMatching(/^[A-Za-z/][A-Za-z0-9/.?=&-]{0,12}$/)
const token = fc.oneof(
  word.map((text): Token => ({ kind: 'word', text, template: [text], ...somewhere })),
  template.map((template): Token => ({ kind: 'text', template, ...somewhere })),
  container.map((json): Token => ({ kind: 'json', json, ...somewhere })),
)
const reserved = /^(?:given|when|then|and|but|include)$|^(?:scenario|tags?|examples|login|before|background)/i
const tokens = fc
  .tuple(
    word.filter(text => !reserved.test(text)),
    fc.array(token, { maxLength: 5 }),
  )
  .map(([text, rest]): Token[] => [{ kind: 'word', text, template: [text], ...somewhere }, ...rest])
const comments = fc.array(
  fc.stringMatching(/^[A-Za-z][ -~]{0,20}[a-z]$/).map(text => ({ text, offset: 0 })),
  { maxLength: 2 },
)
const table = fc.uniqueArray(name, { minLength: 1, maxLength: 4 }).chain(names =>
  fc
    .array(fc.array(json, { minLength: names.length, maxLength: names.length }), { minLength: 1, maxLength: 3 })
    .map(rows => ({
      names,
      offset: 0,
      rows: rows.map(cells => ({ offset: 0, cells: cells.map(value => ({ value, offset: 0 })) })),
    })),
)
const sentence = fc
  .record({ tokens, comments, table: fc.option(table, { nil: undefined, freq: 4 }) })
  .map(parts => ({ ...parts, ...somewhere }))
const sentences = fc.array(sentence, { minLength: 1, maxLength: 4 })
const block = sentences.map(sentences => ({ sentences, offset: 0 }))
const title = fc.stringMatching(/^[A-Za-z][A-Za-z0-9 ]{0,20}[a-z]$/)
const tags = fc.array(
  fc.stringMatching(/^@\w{1,8}$/).map(text => ({ text, offset: 0 })),
  { maxLength: 3 },
)
const scenario = fc.record({
  title,
  tags,
  comments,
  sentences,
  tables: fc.array(fc.record({ name: fc.option(title, { nil: undefined }), table }), { maxLength: 2 }),
  offset: fc.constant(0),
})
const document = fc
  .record({
    tags,
    before: fc.option(block, { nil: undefined }),
    logins: fc.uniqueArray(fc.tuple(title, block), { maxLength: 2, selector: ([name]) => name }),
    scenarios: fc.array(scenario, { minLength: 1, maxLength: 3 }),
  })
  .map(({ logins, ...rest }): Document => ({ ...rest, logins: logins.map(([name, block]) => ({ name, ...block })) }))

test('a printed document parses to the same document', { tag: '@soak' }, () => {
  fc.assert(
    fc.property(document, document => {
      const { document: read, mistakes } = parse(new Source(print(document)))
      assert.deepEqual(mistakes, [])
      assert.deepEqual(withoutPlaces(read), withoutPlaces(document))
    }),
    { numRuns: soak({ long: 10_000, short: 60 }) },
  )
})

test('any text and any bytes give scenarios or faults', { tag: '@soak' }, () => {
  const pieces = fc.constantFrom(
    'Scenario: ',
    'Tag: @a',
    'Tag Each Scenario: @a',
    'GET /users',
    '\n',
    ' ',
    '"',
    '“',
    "'",
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '|',
    '\\',
    '${',
    '}',
    '#',
    '\t',
    '\r',
    '\0',
    '\u2028',
    'And ',
    'Retry Until ',
    ' For 30s',
    '\n"""\n',
    '\n| a |\n',
    'Examples: a\n',
    '\nBefore Each Scenario:\n',
    '\nLogin: a\n',
    'As "a"',
    'Include "a"',
    'Tag: @timeout:',
    '1',
    '\ud800',
  )
  const text = fc.oneof(
    fc.array(pieces, { maxLength: 60 }).map(all => all.join('')),
    fc.string({ unit: 'binary', maxLength: 200 }),
  )
  fc.assert(
    fc.property(fc.oneof(text, fc.uint8Array({ maxLength: 200 })), content => {
      const { scenarios, faults } = readText(content, 'any.txt', vocabulary)
      // Not by `expect`, which reports each of some thousand steps.
      // A file of logins alone can be included.
      assert.ok(scenarios.length + faults.length > 0 || /login|before/i.test(String(content)))
      for (const { line, column } of faults) assert.ok(Math.min(line, column) >= 1)
    }),
    { numRuns: soak({ long: 10_000, short: 200 }) },
  )
})

test('an unclosed variable after another one is a fault', () => {
  const { faults } = readText('Page Should Contain "${first}${second', 'any.txt', vocabulary)
  expect(faults.map(({ line, column, message }) => ({ line, column, message }))).toEqual([
    { line: 1, column: 30, message: '${ is never closed: write a } after the name of the variable.' },
  ])
})

/** In characters. */
const length = soak({ long: 1_000_000, short: 64_000 })
const large: Record<string, (length: number) => string> = {
  'a word': length => 'a'.repeat(length),
  'many words': length => 'a '.repeat(length / 2),
  'many lines': length => 'a\n'.repeat(length / 2),
  'many sentences': length => 'GET /a\n'.repeat(length / 7),
  'a text': length => `Page Should Contain "${'a'.repeat(length)}"`,
  'an unclosed text': length => `Page Should Contain "${'a'.repeat(length)}`,
  'many quotes': length => '"'.repeat(length),
  'many single quotes': length => "'a ".repeat(length / 3),
  'many dollars': length => `GET ${'${'.repeat(length / 2)}`,
  'many variables': length => `GET /${'${a}'.repeat(length / 4)}`,
  'many backslashes': length => `Page Should Contain "${'\\'.repeat(length)}"`,
  'a long list': length => `POST /a [${'1,'.repeat(length / 2)}1]`,
  'a long object': length =>
    `POST /a {${Array.from({ length: length / 12.5 }, (_, index) => `"${index}": 1`).join(', ')}}`,
  'many unclosed lists': length => `POST /a ${'['.repeat(length)}`,
  'many unclosed lists on lines of their own': length => 'POST /a [\n'.repeat(length / 10),
  'nesting of 10,000': () => `POST /a ${'['.repeat(10_000)}${']'.repeat(10_000)}`,
  'nested objects': () => `POST /a ${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
  'many words after JSON': length => `POST /a\n[1] ${'a '.repeat(length / 2)}`,
  'many bars': length => `GET /a\n${'|'.repeat(length)}`,
  'many rows': length =>
    `GET /\${a}\n| a |\n${Array.from({ length: length / 20 }, (_, index) => `| ${index} |\n`).join('')}`,
  'many retries': length => `${'Retry Until '.repeat(length / 12)}`,
  'many tags': length => `Tag: ${'@a '.repeat(length / 3)}\nGET /a`,
  'a long title': length => `Scenario: ${'a'.repeat(length)}\nGET /a`,
  'many text blocks': length => 'POST /a\n"""\n'.repeat(length / 12),
  'a text block': length => `POST /a\n"""\n${'a ${b} \n'.repeat(length / 8)}"""`,
  'many comments': length => `${'# a\n'.repeat(length / 4)}GET /a`,
  'many tables': length => 'GET /a\n| a |\n| 1 |\n'.repeat(length / 19),
  'many named tables': length => `GET /a\n${'Examples: a\n| a |\n| 1 |\n'.repeat(length / 24)}`,
  'many logins': length =>
    `${Array.from({ length: length / 20 }, (_, index) => `Login: a${index}\nGET /a\n`).join('')}Scenario: a\nAs "a"`,
  'many blocks': length => 'Before Each Scenario:\nGET /a\n'.repeat(length / 30),
  'only spaces': length => ' '.repeat(length),
  'many byte-order marks': length => '\uFEFF'.repeat(length / 3),
}

for (const [what, textOf] of Object.entries(large)) {
  test(`a long text is read in linear time: ${what}`, { tag: '@soak' }, () => {
    assertProportionalTime(length, length => {
      const { scenarios, faults } = readText(textOf(length), 'large.txt', vocabulary)
      assert.ok(scenarios.length + faults.length > 0)
      for (const { excerpt } of faults) assert.ok(excerpt.length < 500)
    })
  })
}

/** Removes offsets, which printing does not preserve. */
function withoutPlaces(document: Document): unknown {
  return JSON.parse(JSON.stringify(document, (key, value) => (key === 'offset' || key === 'end' ? undefined : value)))
}
