import { expect, test } from '@playwright/test'
import { parseScript } from '../../sql/script.ts'
import { PendingSettings } from './pending-settings.ts'
import { statementsToApply } from './setting-statements.ts'
import { noSettings } from './settings.ts'

/** What holds after these statements were run and committed in a session without settings. */
function commit(...sql: string[]) {
  const pending = new PendingSettings()
  for (const text of sql) {
    const { commands, statements } = parseScript(text)
    for (const [i, command] of commands.entries()) pending.note(command, statements[i]?.text ?? '')
  }
  return pending.commit(noSettings)
}

test('what was set is kept as it was said, the last word last', () => {
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

test('a rollback to a savepoint takes back what was set since, and only that', () => {
  const { settings } = commit('set a.x = 1', 'savepoint s', 'set a.y = 2', 'rollback to s', 'set a.z = 3')
  expect([...settings.keys()]).toEqual(['a.x', 'a.z'])
})

test('a released savepoint is none to go back to', () => {
  const { settings } = commit('savepoint s', 'set a.x = 1', 'savepoint s', 'set a.y = 2', 'release s', 'rollback to s')
  expect(settings.size).toBe(0)
})

test('RESET ALL forgets everything but who the session is', () => {
  expect([...commit('set a.x = 1', 'set role a', 'reset all').settings.keys()]).toEqual(['role'])
})

test('the connection is itself while settings change that a role may not', () => {
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

test('what SET LOCAL left behind is set right before the next statement', () => {
  const { settings, applied } = commit('set local a.x = 1')
  expect(settings.size).toBe(0)
  expect(statementsToApply(applied, settings)).toEqual(['RESET "a"."x"'])
})

test('a local value over a session’s own is replaced by that', () => {
  const { settings, applied } = commit('set a.x = 1', 'set local a.x = 2')
  expect(statementsToApply(applied, settings)).toEqual(['set a.x = 1'])
})

test('what a call of set_config leaves behind ends with its transaction, also where nobody knows its name', () => {
  const { settings: mine } = commit('set a.x = 1', 'set role a')
  const known = commit("select set_config('a.y', 'z', true)")
  expect(statementsToApply(known.applied, mine)).toEqual(['RESET "a"."y"', 'set a.x = 1', 'set role a'])
  const unknown = commit('set a.x = 1', 'set role a', 'select set_config($1, $2, true)')
  expect(statementsToApply(unknown.applied, mine)).toEqual(['RESET "role"', 'RESET ALL', 'set a.x = 1', 'set role a'])
})
