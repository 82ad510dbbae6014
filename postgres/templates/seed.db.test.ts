import { expect } from '@playwright/test'
import type pg from 'pg'
import { withClient } from '../connection.ts'
import { lockClasses, lockKey } from '../run/watchdog/names.mjs'
import type { DatabaseServer } from '../server.ts'
import { test } from '../testing/server-fixture.ts'
import { createClone } from './clone.ts'
import { lastOf, seedName, takeSeedTurn } from './seed.ts'

interface Attempt {
  test: string
  /** Default: that of the test. */
  table?: string
  worker?: string
  group?: string
  isRetry?: boolean
}

/** Appends a database with a table. */
async function commit(
  server: DatabaseServer,
  seed: string,
  { test, table = test, worker = '1', group, isRetry = false }: Attempt,
) {
  const turn = await takeSeedTurn(server, seed, { test, worker, group, isRetry })
  try {
    const clone = await createClone(server, turn.base)
    await withClient(clone.url, client => client.query(`create table "${table}" ()`))
    await turn.keep(clone.name)
  } finally {
    await turn.end()
  }
}

/** The tables of the last database of the chain. */
async function committed(server: DatabaseServer, seed: string): Promise<string[]> {
  const last = await withClient(server.url, client => lastOf(client, seed))
  if (last === undefined) return []
  const copy = await createClone(server, last)
  const { rows } = await withClient(copy.url, client =>
    client.query<{ name: string }>(`select relname as name from pg_class where relnamespace = 'public'::regnamespace`),
  )
  await copy.drop()
  return rows.map(({ name }) => name).sort()
}

/** How many workers wait for their turn. */
async function waitingFor(client: pg.Client, seed: string): Promise<number> {
  const { rows } = await client.query('select from pg_locks where classid = $1 and objid = $2 and not granted', [
    lockClasses.seed,
    lockKey(seed),
  ])
  return rows.length
}

test('a repeated test begins where it began before, without what came after it', async ({ server }, info) => {
  const seed = seedName(server.runId, info.testId, 'template')
  for (const name of ['a', 'b', 'c']) await commit(server, seed, { test: name })
  expect(await committed(server, seed)).toEqual(['a', 'b', 'c'])
  await commit(server, seed, { test: 'b', worker: '2' })
  expect(await committed(server, seed)).toEqual(['a', 'b'])
})

test('a retry repeats its serial group, and refuses to drop what other tests have committed', async ({
  server,
}, info) => {
  const seed = seedName(server.runId, info.testId, 'template')
  for (const name of ['a', 'b']) await commit(server, seed, { test: name, group: 'g' })
  await commit(server, seed, { test: 'a', group: 'g', worker: '2', isRetry: true })
  expect(await committed(server, seed)).toEqual(['a'])
  await commit(server, seed, { test: 'other' })
  await expect(commit(server, seed, { test: 'a', group: 'g', worker: '3', isRetry: true })).rejects.toThrow(
    /cannot be repeated: other tests have committed/,
  )
  expect(await committed(server, seed)).toEqual(['a', 'other'])
})

test('a retry after a hook that has committed keeps what other tests have committed since, and repeats the rest', async ({
  server,
}, info) => {
  const seed = seedName(server.runId, info.testId, 'template')
  await commit(server, seed, { test: 'a', table: 'hook' })
  await commit(server, seed, { test: 'a', table: 'hook2', worker: '2', isRetry: true })
  expect(await committed(server, seed)).toEqual(['hook2'])
  await commit(server, seed, { test: 'b' })
  await commit(server, seed, { test: 'a', table: 'hook3', worker: '3', isRetry: true })
  await commit(server, seed, { test: 'a', worker: '3', isRetry: true })
  expect(await committed(server, seed)).toEqual(['a', 'b', 'hook2', 'hook3'])
})

test('one worker at a time has the turn, and what it does not keep is lost', async ({ server }, info) => {
  const seed = seedName(server.runId, info.testId, 'template')
  const first = await takeSeedTurn(server, seed, { test: 'a', worker: '1', group: undefined, isRetry: false })
  const second = commit(server, seed, { test: 'b', worker: '2' })
  await expect.poll(() => withClient(server.url, client => waitingFor(client, seed))).toBe(1)
  await first.end()
  await second
  expect(await committed(server, seed)).toEqual(['b'])
})

test('a seed is for one project, one template and one repetition', () => {
  const names = [
    seedName('0123456789ab', 'setup', 'template'),
    seedName('0123456789ab', 'other', 'template'),
    seedName('0123456789ab', 'setup', 'other'),
    seedName('0123456789ab', 'setup', 'template', 1),
  ]
  expect(new Set(names).size).toBe(names.length)
})
