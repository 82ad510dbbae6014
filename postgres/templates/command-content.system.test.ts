import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, type TestInfo } from '@playwright/test'
import { slowdown } from '../../processes/slowdown.ts'
import { withClient } from '../connection.ts'
import { membersOf } from '../run/watchdog/process-group.mjs'
import { test } from '../testing/server-fixture.ts'
import { createClone } from './clone.ts'
import type { TemplateCommand } from './command-content.ts'
import { ensureTemplate } from './template.ts'

/** A migration tool: it runs its file on the database of DATABASE_URL, and notes that it ran. */
const tool = `
  import { appendFileSync, readFileSync } from 'node:fs'
  import pg from ${JSON.stringify(import.meta.resolve('pg'))}
  const client = new pg.Client(process.env.DATABASE_URL)
  await client.connect()
  console.log('migrating as', process.env.PGUSER)
  appendFileSync('runs.txt', 'x')
  await client.query(readFileSync('schema.sql', 'utf8'))
  await client.end()`

test('a command migrates the database of DATABASE_URL, and again when its files change', async ({ server }, info) => {
  const folder = await toolFolder(info, `create table users (id int); -- ${info.testId}`)
  const ensure = (options: Partial<TemplateCommand>) =>
    ensureTemplate(server, { migrations: { command: 'node tool.mjs', ...options }, folder })
  const runs = async () => (await readFile(path.join(folder, 'runs.txt'), 'utf8')).length

  const template = await ensure({ files: 'schema.sql' })
  const clone = await createClone(server, template)
  expect(await withClient(clone.url, async client => (await client.query('select * from users')).rows)).toEqual([])
  await clone.drop()
  expect(await ensure({ files: ['schema.sql'] })).toBe(template)
  expect(await runs()).toBe(1)

  await writeFile(path.join(folder, 'package-lock.json'), '{}')
  const withLock = await ensure({ files: ['schema.sql'] })
  expect(withLock).not.toBe(template)
  await writeFile(path.join(folder, 'schema.sql'), `create table users (id bigint); -- ${info.testId}`)
  expect(await ensure({ files: ['schema.sql'] })).not.toBe(withLock)
  expect(await runs()).toBe(3)

  const inThisRun = await ensure({})
  expect(await ensure({})).toBe(inThisRun)
  expect(await runs()).toBe(4)
})

test('the error of a command has its exit code and what it printed', async ({ server }, info) => {
  const folder = await toolFolder(info, 'create tabel users (id int)')
  await expect(ensureTemplate(server, { migrations: { command: 'node tool.mjs' }, folder })).rejects.toThrow(
    /^The option "migrations" failed: "node tool\.mjs" ended with exit code 1\. Its last output:\nmigrating as \S+[\s\S]*syntax error at or near "tabel"/,
  )
  await expect(
    ensureTemplate(server, { migrations: { command: 'node tool.mjs', files: 'none' }, folder }),
  ).rejects.toThrow(/none cannot be read: ENOENT.* Correct "files" of the command\./)
})

test('a command that has migrated another database is an error', async ({ server, emptyDatabase }, info) => {
  const folder = await toolFolder(info, 'create table users (id int)')
  const migrations = { command: 'node tool.mjs', env: { DATABASE_URL: emptyDatabase.url } }
  await expect(ensureTemplate(server, { migrations, folder })).rejects.toThrow(
    /"node tool\.mjs" ended with exit code 0, but the database of DATABASE_URL has no table\. Its configuration has to read DATABASE_URL/,
  )
})

test('a command that does not end is ended with its processes, and its error has the remedy', async ({
  server,
}, info) => {
  const folder = await toolFolder(info, 'select 1')
  // The read ends at once, since there is no input.
  const command = 'echo $$ > leader; read answer; echo "no answer: <$answer>"; sleep 600 & wait'
  // The shell has to start within it.
  const migrations = { command, timeout: Math.round(3000 * slowdown()) }
  await expect(ensureTemplate(server, { migrations, folder })).rejects.toThrow(
    /^The option "migrations" failed: "echo .* & wait" was ended after [\d.]+ s, its time limit\. .* set its `timeout` in milliseconds\. Its last output:\nno answer: <>$/,
  )
  expect(await membersOf(Number(await readFile(path.join(folder, 'leader'), 'utf8')))).toEqual([])
})

async function toolFolder(info: TestInfo, schema: string): Promise<string> {
  await writeFile(info.outputPath('tool.mjs'), tool)
  await writeFile(info.outputPath('schema.sql'), schema)
  return info.outputPath('.')
}
