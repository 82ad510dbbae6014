import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { withClient } from '../postgres/connection.ts'
import { test } from '../postgres/testing/server-fixture.ts'
import { migrate } from './migrate.ts'

const app = import.meta.dirname
const schema = { migrations: path.join(app, 'migrations'), referenceData: path.join(app, 'reference-data.sql') }

test('migrations are applied once, also when two instances start together', async ({ emptyDatabase }) => {
  const both = await Promise.all([migrate(emptyDatabase.url, schema), migrate(emptyDatabase.url, schema)])
  expect(both.flat()).toEqual(['001_plans', '002_users'])
  expect(await migrate(emptyDatabase.url, schema)).toEqual([])
})

test('a migration that fails is named, and none is applied', async ({ emptyDatabase }, testInfo) => {
  const migrations = testInfo.outputPath('migrations')
  await mkdir(migrations, { recursive: true })
  await writeFile(path.join(migrations, '001_first.sql'), 'create table first (id int);')
  await writeFile(path.join(migrations, '002_second.sql'), 'create tabel second (id int);')
  const failed = migrate(emptyDatabase.url, { ...schema, migrations })
  await expect(failed).rejects.toThrow('The migration 002_second could not be applied: syntax error at or near "tabel"')
  const { rows } = await withClient(emptyDatabase.url, client => client.query(`select to_regclass('first') as first`))
  expect(rows).toEqual([{ first: null }])
})
