import { deepEqual, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { fragments, hardStatements } from '../../sandbox/testing/hard-statements.ts'
import { loadReference, type ReferenceToken, referenceTokens } from '../../sandbox/testing/libpg-reference.ts'
import { forEachRow } from '../../testing/for-each-row.ts'
import { assertProportionalTime } from '../../testing/proportional-time.ts'
import { soak } from '../../testing/soak.ts'
import { expect, test } from '../../testing/test.ts'
import { type LexicalOptions, type Token, tokenize } from './tokenizer.ts'

const shown = (sql: string, options?: LexicalOptions) =>
  tokenize(sql, options).map(({ kind, start, end }) => `${kind} ${sql.slice(start, end)}`)

const texts: readonly (readonly [sql: string, tokens: readonly string[]])[] = [
  ['', []],
  [' \t\n\r\f\v', []],
  ['a$b$c', ['identifier a$b$c']],
  ['$a$b$a$', ['dollar string $a$b$a$']],
  ['$a$ $A$ $a $a$', ['dollar string $a$ $A$ $a $a$']],
  ['$é$x$é$y', ['dollar string $é$x$é$', 'identifier y']],
  ['1$$a$$', ['number 1', 'dollar string $$a$$']],
  ['$1$', ['parameter $1', 'other $']],
  ['$ a', ['other $', 'identifier a']],
  ['1..2', ['number 1', 'operator ..', 'number 2']],
  [
    '1.5e3 0x1F 1_000 .5 5. 1e',
    ['number 1.5e3', 'number 0x1F', 'number 1_000', 'number .5', 'number 5.', 'number 1', 'identifier e'],
  ],
  ['1e+ 0x 1_', ['number 1', 'identifier e', 'symbol +', 'number 0', 'identifier x', 'number 1', 'identifier _']],
  ['a+-1', ['identifier a', 'symbol +', 'symbol -', 'number 1']],
  ['a@-1', ['identifier a', 'operator @-', 'number 1']],
  ['a=+-+1', ['identifier a', 'symbol =', 'symbol +', 'symbol -', 'symbol +', 'number 1']],
  ['a@--b', ['identifier a', 'operator @', 'comment --b']],
  ['a+/*b*/-c', ['identifier a', 'symbol +', 'comment /*b*/', 'symbol -', 'identifier c']],
  [
    'a::b:=c:d=>e',
    [
      'identifier a',
      'operator ::',
      'identifier b',
      'operator :=',
      'identifier c',
      'symbol :',
      'identifier d',
      'operator =>',
      'identifier e',
    ],
  ],
  ['/*a/*b*/c*/d', ['comment /*a/*b*/c*/', 'identifier d']],
  ['--a\n--b\rc', ['comment --a', 'comment --b', 'identifier c']],
  ["'a''b'c", ["string 'a''b'", 'identifier c']],
  ["'a\\'b", ["string 'a\\'", 'identifier b']],
  ["E'a\\'b'c", ["string E'a\\'b'", 'identifier c']],
  ["'a'\n'b'", ["string 'a'\n'b'"]],
  ["'a' 'b'", ["string 'a'", "string 'b'"]],
  // A line comment counts as white space between the parts of a string; libpg-query's lexer, which returns comments,
  // differs.
  ["'a' -- c '\n -- d\n 'b'", ["string 'a' -- c '\n -- d\n 'b'"]],
  ["E'a' -- c\n'\\'b'", ["string E'a' -- c\n'\\'b'"]],
  ["b'0''1'", ["bit string b'0'", "string '1'"]],
  ["N'a'", ['identifier N', "string 'a'"]],
  ["U&'a\\'b", ["string U&'a\\'", 'identifier b']],
  ['u&"a""b"', ['quoted identifier u&"a""b"']],
  ['U&a', ['identifier U', 'operator &', 'identifier a']],
  ['é1 变 😀', ['identifier é1', 'identifier 变', 'identifier 😀']],
  ["a 'b", ['identifier a', "unterminated 'b"]],
  ["a E'b\\", ['identifier a', "unterminated E'b\\"]],
  ["E'b\\'", ["unterminated E'b\\'"]],
  ["'a'\n'b", ["unterminated 'a'\n'b"]],
  ['"a""', ['unterminated "a""']],
  ['$a$ $b$', ['unterminated $a$ $b$']],
  ['/* a /* b */', ['unterminated /* a /* b */']],
  ['{\\}', ['other {', 'other \\', 'other }']],
]

test('tokens of short texts', async () => {
  await forEachRow(
    texts,
    ([sql]) => JSON.stringify(sql),
    ([sql, tokens]) => {
      expect(shown(sql)).toEqual(tokens)
    },
  )
})

test('without standard conforming strings a backslash escapes in every plain string', () => {
  expect(shown("'a\\'b' c", { standardConformingStrings: false })).toEqual(["string 'a\\'b'", 'identifier c'])
})

test.describe('agrees with PostgreSQL', () => {
  test.beforeAll(loadReference)

  test('on hard statements', () => {
    const compared = hardStatements.filter(sql => {
      const expected = referenceTokens(sql)
      if (expected) deepEqual(lexemes(sql, tokenize(sql)), lexemes(sql, expected), sql)
      return expected
    })
    expect(compared.length).toBeGreaterThan(100)
  })

  test('on random texts', { tag: '@soak' }, () => {
    let compared = 0
    const text = fc.array(fc.constantFrom(...fragments), { maxLength: 14 }).map(parts => parts.join(''))
    fc.assert(
      fc.property(text, sql => {
        const tokens = tokenize(sql)
        ok(covers(sql, tokens))
        const expected = tokens.some(token => isJoinedByComment(sql, token)) ? undefined : referenceTokens(sql)
        if (expected) deepEqual(lexemes(sql, tokens), lexemes(sql, expected))
        if (expected) compared += 1
      }),
      { seed: 20240607, numRuns: soak({ long: 10_000, short: 1000 }) },
    )
    expect(compared).toBeGreaterThan(200)
  })
})

test('reads each kind of long text in linear time', () => {
  const pieces = [
    '+',
    '+-',
    '=-',
    "'",
    "''",
    "'a'\n",
    '"',
    '$',
    '$a',
    '$a$',
    '/*',
    '/',
    '-',
    '(',
    '1',
    '1_',
    '1.',
    'e',
    "E'",
    '\\',
    '--\n',
    "'a'--\n",
  ]
  for (const piece of pieces) assertProportionalTime(64_000, length => tokenize(piece.repeat(length)))
})

// libpg-query has no names for keywords, many operators and U&'...': those are compared by position only.
function lexemes(sql: string, tokens: readonly (Token | ReferenceToken)[]): string[] {
  return tokens.map(token => {
    const kind = 'kind' in token ? token.kind : token.name
    const nameless = /^u&/i.test(sql.slice(token.start, token.end))
    return `${nameless ? '' : (CLASS[kind] ?? '')} ${token.start}-${token.end}`
  })
}

const CLASS: Readonly<Record<string, string>> = {
  string: 'string',
  'dollar string': 'string',
  SCONST: 'string',
  parameter: 'parameter',
  PARAM: 'parameter',
  number: 'number',
  ICONST: 'number',
  FCONST: 'number',
  comment: 'comment',
  SQL_COMMENT: 'comment',
  C_COMMENT: 'comment',
  unterminated: 'unterminated',
}

// Tokens are in order, with only white space between them.
function covers(sql: string, tokens: readonly Token[]): boolean {
  let at = 0
  for (const { start, end } of tokens) {
    if (start < at || end <= start || !/^[ \t\n\r\f\v]*$/.test(sql.slice(at, start))) return false
    at = end
  }
  return at <= sql.length && /^[ \t\n\r\f\v]*$/.test(sql.slice(at))
}

function isJoinedByComment(sql: string, { kind, start, end }: Token): boolean {
  return kind.endsWith('string') && /'\s*--/.test(sql.slice(start, end))
}
