import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { TestInfo } from '@playwright/test'
import { expect, test } from '../../testing/test.ts'
import { readMigrations } from './migrations.ts'
import { sqlPosition } from './sql-file-error.ts'

test('sorts by number, not by name', async ({}, info) => {
  const folder = await folderWith(info, [
    '10_ten.sql',
    '9-nine.sql',
    '0001_one.sql',
    '20240101120000123_late.sql',
    '20240101120000124_later.sql',
    'README.md',
  ])
  const names = (await readMigrations(folder)).map(file => path.basename(file.path))
  expect(names).toEqual([
    '0001_one.sql',
    '9-nine.sql',
    '10_ten.sql',
    '20240101120000123_late.sql',
    '20240101120000124_later.sql',
  ])
})

test('the error for a duplicate number has both file names', async ({}, info) => {
  const folder = await folderWith(info, ['001_users.sql', '01_orders.sql'])
  await expect(readMigrations(folder)).rejects.toThrow(
    /Two migrations in .* have the number 1: 001_users\.sql and 01_orders\.sql/,
  )
})

test('the error for a migration without a number has its file name', async ({}, info) => {
  const folder = await folderWith(info, ['001_users.sql', 'orders.sql'])
  await expect(readMigrations(folder)).rejects.toThrow(/orders\.sql has no number. Name it like 001_users\.sql/)
})

test('a missing or empty folder is an error', async ({}, info) => {
  await expect(readMigrations(info.outputPath('none'))).rejects.toThrow(/none cannot be read: ENOENT/)
  await expect(readMigrations(await folderWith(info, ['README.md']))).rejects.toThrow(/has no \.sql file/)
})

test('counts lines and columns in characters, as Postgres counts positions', () => {
  const sql = "select '🙂';\r\nselect '🙂', nope;\n"
  const position = [...sql].join('').indexOf('nope') - 1
  expect(sqlPosition(sql, position)).toEqual({ line: 2, column: 13, text: "select '🙂', nope;" })
})

async function folderWith(info: TestInfo, names: readonly string[]): Promise<string> {
  const folder = info.outputPath('migrations')
  await mkdir(folder, { recursive: true })
  await Promise.all(names.map(name => writeFile(path.join(folder, name), 'select 1')))
  return folder
}
