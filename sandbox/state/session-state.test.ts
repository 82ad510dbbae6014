import { expect, test } from '../../testing/test.ts'
import { parseScript } from '../sql/script.ts'
import { SessionState } from './session-state.ts'

function after(sql: string): SessionState {
  const state = new SessionState(1)
  const { commands, statements } = parseScript(sql)
  for (const [index, command] of commands.entries()) state.note(command, statements[index]?.text ?? '')
  return state
}

for (const [statement, isExiting] of [
  ['SET exit_on_error = on', true],
  ["SET LOCAL exit_on_error TO 'true'", true],
  ["EXECUTE 'set exit_on_error = on'", true],
  ['SET exit_on_error = off', false],
  ["SET LOCAL work_mem = '5MB'; RAISE NOTICE 'never set exit_on_error = on'", false],
  ["SET LOCAL work_mem = '5MB'; RAISE NOTICE 'set exit_on_error = on'", false],
  ["SET LOCAL work_mem = '5MB'; UPDATE t SET exit_on_error = true", false],
] as const) {
  test(`an error ${isExiting ? 'ends' : 'does not end'} the session in a block with ${statement}`, () => {
    expect(after(`DO $$ BEGIN ${statement}; END $$`).isInExitingBlock).toBe(isExiting)
  })
}

for (const end of ['commit', 'rollBack', 'takeMisplaced'] as const) {
  test(`an error after ${end}() does not end the session for a block before it`, () => {
    const state = after('DO $$ BEGIN SET exit_on_error = on; END $$')
    state[end]()
    expect(state.isInExitingBlock).toBe(false)
  })
}
