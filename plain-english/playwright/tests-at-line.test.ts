import { expect, test } from '../../testing/test.ts'
import { readText } from '../compile/read-spec.ts'
import { Vocabulary } from '../compile/vocabulary.ts'
import { builtInSentences } from '../sentences/built-in.ts'
import { testsAtLine } from './tests-at-line.ts'

const text = `Before Each Scenario:
Set Header X-A To "1"

Login: admin
POST /login {"a": 1}

Scenario: one
GET /one
POST /two {
  "a": 1
}
# A comment.
As "admin"

Tag: @skip
Scenario: rows
Table users Has Rows
| name |
| "a"  |
GET /rows/\${id}
| id |
| 1  |
| 2  |

Scenario: last
GET /last`

const { scenarios, faults } = readText(text, 'a.txt', new Vocabulary(builtInSentences))
const one = { line: 7, column: 1 }
const rows = [
  { line: 22, column: 6 },
  { line: 23, column: 6 },
]
const last = { line: 25, column: 1 }

for (const [line, name, tests, sentence] of [
  [2, 'a sentence before each scenario', [one, ...rows, last], 2],
  [5, 'a sentence of a login', [one], 5],
  [7, 'a scenario', [one], undefined],
  [8, 'a sentence', [one], 8],
  [10, 'JSON of a sentence', [one], 9],
  [16, 'a scenario with rows', rows, undefined],
  [17, 'a sentence of a scenario with rows', rows, 17],
  [19, 'the table of a sentence', rows, 17],
  [20, 'the sentence above the rows', rows, 20],
  [23, 'a row', [rows[1]], undefined],
  [26, 'the last sentence', [last], 26],
] as const) {
  test(`the tests of line ${line}: ${name}`, () => {
    expect(faults).toEqual([])
    expect(testsAtLine(text, scenarios, line)).toEqual({ tests, sentence })
  })
}

for (const [line, name] of [
  [1, 'the beginning of a block'],
  [12, 'a comment'],
  [14, 'an empty line'],
  [15, 'tags'],
  [21, 'the names of a table'],
  [27, 'below the file'],
] as const) {
  test(`line ${line} has no test: ${name}`, () => {
    expect(testsAtLine(text, scenarios, line)).toBeUndefined()
  })
}

test('a file without a title has one scenario', () => {
  const { scenarios } = readText('GET /one\nGET /two', 'a.txt', new Vocabulary(builtInSentences))
  expect(testsAtLine('GET /one\nGET /two', scenarios, 2)).toEqual({ tests: [{ line: 1, column: 1 }], sentence: 2 })
})

test('a login that no scenario uses has no test', () => {
  const unused = 'Login: admin\nGET /login\nScenario: one\nGET /one'
  const { scenarios } = readText(unused, 'a.txt', new Vocabulary(builtInSentences))
  expect(testsAtLine(unused, scenarios, 2)).toEqual({ tests: [], sentence: undefined })
})
