import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { namedDifferences, nameOf } from './named-differences.ts'

test('each rule names a row of the table of differences', () => {
  const page = readFileSync(path.join(import.meta.dirname, '../../docs/sandbox.md'), 'utf8')
  const table = page.split(/^## /m).find(section => section.startsWith('Differences from a server')) ?? ''
  const titles = [...table.matchAll(/^\| \*\*(.+?)\*\* /gm)].map(([, title]) => title)
  expect(titles).toEqual(expect.arrayContaining(namedDifferences.map(({ row }) => row)))
})

test('a rule has to match both results and the statement', () => {
  const named = [{ row: 'Clock', statement: /now/, bare: /t/, sandbox: /f/ }]
  expect(nameOf({ statement: 'select now()', bare: 't', sandbox: 'f' }, named)).toBe('Clock')
  expect(nameOf({ statement: 'select now()', bare: 'f', sandbox: 'f' }, named)).toBeUndefined()
  expect(nameOf({ statement: 'select 1', bare: 't', sandbox: 'f' }, named)).toBeUndefined()
})
