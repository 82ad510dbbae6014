import { expect, test } from '../../../testing/test.ts'
import { parseScript } from '../../sql/script.ts'
import { PendingSettings } from './pending-settings.ts'
import { statementsToApply } from './setting-statements.ts'
import { noSettings } from './settings.ts'

/** The settings after these statements were committed in a session without settings. */
function commit(...sql: string[]) {
  const pending = new PendingSettings()
  for (const text of sql) {
    const { commands, statements } = parseScript(text)
    for (const [i, command] of commands.entries()) pending.note(command, statements[i]?.text ?? '')
  }
  return pending.commit(noSettings)
}

test('a SET is kept as it was written, and the last one counts', () => {
  const { settings } = commit(
    "set a.b = '1'",
    'SET TIME ZONE 5',
    "set a.b = '2'",
    'set work_mem to 1000; reset work_mem',
  )
  expect([...settings]).toEqual([
    ['a.b', { kind: 'statement', sql: "set a.b = '2'" }],
    ['timezone', { kind: 'statement', sql: 'SET TIME ZONE 5' }],
  ])
})

test('a rollback to a savepoint undoes what was set since, and only that', () => {
  const { settings } = commit('set a.x = 1', 'savepoint s', 'set a.y = 2', 'rollback to s', 'set a.z = 3')
  expect([...settings.keys()]).toEqual(['a.x', 'a.z'])
})

test('a rollback does not go back to a released savepoint', () => {
  const { settings } = commit('savepoint s', 'set a.x = 1', 'savepoint s', 'set a.y = 2', 'release s', 'rollback to s')
  expect(settings.size).toBe(0)
})

test('RESET ALL resets all but the role', () => {
  expect([...commit('set a.x = 1', 'set role a', 'reset all').settings.keys()]).toEqual(['role'])
})

test('parameters that a role may not set change as the sandbox’s own user', () => {
  const { settings: mine } = commit('set log_min_messages = error', 'set role a')
  const { settings: yours } = commit('set role a')
  expect(statementsToApply(mine, yours)).toEqual(['RESET "role"', 'RESET "log_min_messages"', 'set role a'])
  expect(statementsToApply(yours, mine)).toEqual(['RESET "role"', 'set log_min_messages = error', 'set role a'])
})

test('only the difference between two sessions is applied', () => {
  const { settings: mine } = commit('set a.x = 1', 'set a.y = 2')
  const { settings: yours } = commit('set a.x = 1', 'set a.y = 3', 'set a.z = 4')
  expect(statementsToApply(mine, yours)).toEqual(['set a.y = 3', 'set a.z = 4'])
  expect(statementsToApply(yours, mine)).toEqual(['RESET "a"."z"', 'set a.y = 2'])
  expect(statementsToApply(mine, mine)).toEqual([])
})

test('the value of a SET LOCAL is reset before the next statement', () => {
  const { settings, applied } = commit('set local a.x = 1')
  expect(settings.size).toBe(0)
  expect(statementsToApply(applied, settings)).toEqual(['RESET "a"."x"'])
})

test('a local value is replaced by the session’s own', () => {
  const { settings, applied } = commit('set a.x = 1', 'set local a.x = 2')
  expect(statementsToApply(applied, settings)).toEqual(['set a.x = 1'])
})

test('a local value of set_config is reset after its transaction, also if the name is unknown', () => {
  const { settings: mine } = commit('set a.x = 1', 'set role a')
  const known = commit("select set_config('a.y', 'z', true)")
  expect(statementsToApply(known.applied, mine)).toEqual(['RESET "a"."y"', 'set a.x = 1', 'set role a'])
  const unknown = commit('set a.x = 1', 'set role a', 'select set_config($1, $2, true)')
  expect(statementsToApply(unknown.applied, mine)).toEqual(['RESET "role"', 'RESET ALL', 'set a.x = 1', 'set role a'])
})
