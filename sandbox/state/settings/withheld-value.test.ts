import { expect, test } from '../../../testing/test.ts'
import { parse, query, readParse } from '../../protocol/frontend-messages.ts'
import { parseScript } from '../../sql/script.ts'
import { withStandIns } from './withheld-value.ts'

const session = { withholds: (name: string) => name !== 'transaction_timeout', lexicalOptions: undefined }

/** The SQL that is sent instead. */
function sent(sql: string): string {
  const { commands } = parseScript(sql)
  const bytes = withStandIns(query(sql), commands, session)
  const text = bytes.toString('utf8', 5, bytes.length - 1)
  expect(readParse(withStandIns(parse('name', sql), commands, session)).sql).toBe(text)
  return text
}

test('only the SETs of a block are replaced, not what looks like them elsewhere', () => {
  const update = `UPDATE cfg SET idle_session_timeout = 5000; INSERT INTO log VALUES ('ä€😀 set exit_on_error = on;')`
  const script = (name: string) =>
    `${update}; DO $$ BEGIN ${update}; SET LOCAL ${name} = 5000; ${update}; END $$; ${update}`
  expect(sent(script('idle_session_timeout'))).toBe(script('idle.session_timeout'))
})

for (const [written, isReplaced] of [
  ["SET idle_session_timeout = '5 min'", true],
  ['set Session exit_on_error to on', true],
  ["EXECUTE 'set idle_session_timeout = ''5s'''", true],
  ['EXECUTE $q$set idle_session_timeout = 5$q$', true],
  ['SET idle_session_timeout = 5 -- ms\n', true],
  ["SET idle_session_timeout = 'nonsense'", false],
  ['SET transaction_timeout = 5', false],
] as const) {
  test(`in a block, ${written} is ${isReplaced ? '' : 'not '}replaced`, () => {
    const block = `DO $$ BEGIN ${written}; END $$`
    const expected = isReplaced ? block.replace(/(idle|exit)_/, '$1.') : block
    expect(sent(block)).toBe(expected)
  })
}

test('a SET in a block that is a string in quotes is replaced', () => {
  const block = (name: string) => `DO 'BEGIN SET ${name} = ''5s''; END'`
  expect(sent(block('idle_session_timeout'))).toBe(block('idle.session_timeout'))
})
