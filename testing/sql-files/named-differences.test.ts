import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '../test.ts'
import { namedDifferences, nameOf } from './named-differences.ts'

const texts = { before: '', statement: '', bare: '', sandbox: '' }

test('each rule names a row of the table of differences', () => {
  const page = readFileSync(path.join(import.meta.dirname, '../../docs/sandbox.md'), 'utf8')
  const table = page.split(/^## /m).find(section => section.startsWith('Differences from a server')) ?? ''
  const titles = [...table.matchAll(/^\| \*\*(.+?)\*\* /gm)].map(([, title]) => title)
  expect(titles).toEqual(expect.arrayContaining(namedDifferences.map(({ row }) => row)))
})

test('a rule has to match both results and the statement', () => {
  const named = [{ row: 'Clock', statement: /now/, bare: /t/, sandbox: /f/ }]
  expect(nameOf({ ...texts, statement: 'select now()', bare: 't', sandbox: 'f' }, named)).toBe('Clock')
  expect(nameOf({ ...texts, statement: 'select now()', bare: 'f', sandbox: 'f' }, named)).toBeUndefined()
  expect(nameOf({ ...texts, statement: 'select 1', bare: 't', sandbox: 'f' }, named)).toBeUndefined()
})

test('a rule can be about what an earlier statement has made', () => {
  const named = [{ row: 'Temporary tables', earlier: /create temp table (?<name>\w+)/g, bare: /does not exist/ }]
  const before = 'create temp table a (id int);\ncreate table b (id int);\n'
  const bare = 'ERROR:  relation does not exist'
  expect(nameOf({ ...texts, before, statement: 'select from a;', bare }, named)).toBe('Temporary tables')
  expect(nameOf({ ...texts, before, statement: 'commit;', bare: `${bare}: a` }, named)).toBe('Temporary tables')
  expect(nameOf({ ...texts, before, statement: 'select from b;', bare }, named)).toBeUndefined()
  expect(nameOf({ ...texts, statement: 'select from a;', bare }, named)).toBeUndefined()
})
