/** Finds each term of the glossary in the file that the glossary names for it. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { forEachRow } from '../testing/for-each-row.ts'
import { expect, test } from '../testing/test.ts'

const root = path.join(import.meta.dirname, '..')
const text = readFileSync(path.join(root, 'docs/glossary.md'), 'utf8')

/** Its term in the first column, its file in the last one. */
const row = /^\| ([a-z ]+?) +\|.*\| `([^`]+)` +\|$/gm
const entries = [...text.matchAll(row)].map(([, term = '', file = '']) => ({ term, file }))

/** Without the differences between `connection lock`, `connectionLock` and `connection-lock`. */
const plain = (words: string) => words.toLowerCase().replace(/[\s_-]/g, '')

test('each term is at home in its file', async () => {
  await forEachRow(
    entries,
    ({ term, file }) => `${term} in ${file}`,
    ({ term, file }) => {
      const code = `${file}\n${readFileSync(path.join(root, file), 'utf8')}`
      expect(plain(code)).toContain(plain(term))
    },
  )
})

test('every row is read, and no term stands twice', () => {
  const rows = text.match(/^\| (?!term |---)/gm) ?? []
  expect(entries).toHaveLength(rows.length)
  expect(new Set(entries.map(({ term }) => term)).size).toBe(entries.length)
})
