import { expect, test } from '../../testing/test.ts'
import { createScriptCache, parseScript } from './script.ts'

test('a script has a command for each statement', () => {
  const { statements, commands } = parseScript('begin; select 1; commit')
  expect(statements.map(({ text }) => text)).toEqual(['begin', 'select 1', 'commit'])
  expect(commands.map(({ kind }) => kind)).toEqual(['begin', 'other', 'commit'])
})

test('parses a repeated text once', () => {
  const cached = createScriptCache()
  expect(cached('select 1')).toBe(cached('select 1'))
  expect(cached('select 1')).toEqual(parseScript('select 1'))
})

test('keeps a text in use, however many others are parsed', () => {
  const cached = createScriptCache(4)
  const kept = cached('select 0')
  for (let number = 1; number < 50; number += 1) {
    cached(`select ${number}`)
    expect(cached('select 0')).toBe(kept)
  }
})

test('evicts an unused text', () => {
  const cached = createScriptCache(4)
  const forgotten = cached('select 0')
  for (let number = 1; number < 5; number += 1) cached(`select ${number}`)
  expect(cached('select 0')).not.toBe(forgotten)
})

test('does not cache a long text', () => {
  const cached = createScriptCache(4, 10)
  expect(cached('select 123')).toBe(cached('select 123'))
  expect(cached('select 1234')).not.toBe(cached('select 1234'))
})

test('does not cache a text that is read with non-default settings', () => {
  const cached = createScriptCache()
  const sql = "select '\\'; select 1 --'"
  expect(cached(sql).statements).toHaveLength(2)
  expect(cached(sql, { standardConformingStrings: false }).statements).toHaveLength(1)
  expect(cached(sql).statements).toHaveLength(2)
})
