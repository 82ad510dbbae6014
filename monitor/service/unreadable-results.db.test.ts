/** Unreadable files among the waiting results. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { noMaintenance } from '../store/check-rules.ts'
import type { ReplayResult } from '../store/replay-result.ts'
import { planSlots } from '../store/slots.ts'
import { openSpool } from '../store/spool.ts'
import { ago, test as base, enterHome, monitor, outcomeOf, startDue } from '../testing/store-fixture.ts'
import { openResults, type Results } from './results.ts'

interface Waiting {
  /** The folder with the waiting results of two checks, orders and then users. */
  folder: string
  orders: ReplayResult
  /** The file with the result of orders. */
  file: string
  results: Results
  logged: string[]
  /** The outcomes of both, with their reasons. */
  replays(): Promise<{ name: string; outcome: string | null; reason: string | null }[]>
}

const test = base.extend<{ waiting: Waiting }>({
  waiting: async ({ pool }, use, info) => {
    await monitor(pool, { name: 'orders' }, { name: 'users' })
    await planSlots(pool, [
      { check: 'orders', due: ago(5), location: 'home' },
      { check: 'users', due: ago(4), location: 'home' },
    ])
    const instance = await enterHome(pool)
    const [orders, users] = [...(await startDue(pool, instance)), ...(await startDue(pool, instance))]
    if (!orders || !users) throw new Error('Nothing was started.')
    const folder = info.outputPath('results')
    const spool = openSpool(folder)
    for (const replay of [orders, users]) await spool.keep(outcomeOf(replay))
    const [name = ''] = (await readdir(folder)).sort()
    const logged: string[] = []
    const tell = { onError: ({ message }: Error) => logged.push(message), onDone: () => logged.push('works') }
    await use({
      folder,
      orders: outcomeOf(orders),
      file: path.join(folder, name),
      results: openResults({
        ...{ pool, spool, isInMaintenance: noMaintenance, complain: text => logged.push(text) },
        ...{ recording: tell, keeping: { ...tell, onDone: () => undefined } },
      }),
      logged,
      replays: async () =>
        (await pool.query('select check_name as name, outcome, reason from reprise.replays order by due')).rows,
    })
  },
})

for (const [what, spoil, cause] of [
  [
    'is truncated',
    async file => writeFile(file, (await readFile(file, 'utf8')).slice(0, 40)),
    'it is truncated, or not JSON',
  ],
  ['is empty', file => writeFile(file, ''), 'it is empty'],
  ['has other fields', file => writeFile(file, '{"check":"orders"}'), 'its "due" is invalid'],
  ['is not a result', file => writeFile(file, 'null'), 'it is not a result'],
  ['is a folder', async file => rm(file).then(() => mkdir(file)), 'EISDIR: .*'],
] as const satisfies [string, (file: string) => Promise<void>, string][]) {
  test(`a file among the results that ${what} is set aside and reported, its replay is an error, and later results are recorded`, async ({
    waiting: { folder, orders, file, results, logged, replays },
  }) => {
    await spoil(file)
    await results.catchUp()
    const aside = path.join(folder, 'unreadable', path.basename(file))
    expect(logged.splice(0)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^The result in ${file} cannot be read: ${cause}\\. It is that of check orders, due at 20.* UTC, whose replay has ended without it\\. It is set aside in ${aside}: mend it and move it one folder up, or delete it\\.$`,
        ),
      ),
      'works',
    ])
    expect(await replays()).toEqual([
      {
        name: 'orders',
        outcome: 'error',
        reason: expect.stringMatching(`^the monitor cannot read the result: ${cause}$`),
      },
      { name: 'users', outcome: 'passed', reason: null },
    ])
    expect(await readdir(folder)).toEqual(['unreadable'])
    // Once repaired, it is recorded.
    await rm(aside, { recursive: true })
    await writeFile(aside, JSON.stringify(orders))
    await rename(aside, file)
    await results.catchUp()
    expect(await replays()).toMatchObject([{ outcome: 'passed', reason: null }, { outcome: 'passed' }])
    expect(logged).toEqual(['works'])
  })
}

test('a file that is not a result is set aside as well, but not while the database is unreachable', async ({
  pool,
  waiting: { folder, file, results, logged, replays },
}) => {
  await writeFile(path.join(folder, '0.json'), 'garbage\nof "two" lines')
  await writeFile(file, '')
  await pool.query('alter table reprise.replays rename to away')
  await expect(results.catchUp()).rejects.toThrow('"reprise.replays" does not exist')
  expect(logged.splice(0)).toEqual([
    `The result in ${path.join(folder, '0.json')} cannot be read: it is truncated, or not JSON. It is set aside in ${path.join(folder, 'unreadable/0.json')}: mend it and move it one folder up, or delete it.`,
  ])
  expect(await readdir(folder)).toHaveLength(3)
  await pool.query('alter table reprise.away rename to replays')
  await results.catchUp()
  expect(await replays()).toMatchObject([{ outcome: 'error' }, { outcome: 'passed' }])
  expect(await readdir(path.join(folder, 'unreadable'))).toEqual(['0.json', path.basename(file)])
})

test('a file that cannot be moved is reported and stays, and does not delay later results', async ({
  waiting: { folder, file, results, logged, replays },
}) => {
  await writeFile(file, '')
  await writeFile(path.join(folder, 'unreadable'), '')
  await results.catchUp()
  await results.catchUp()
  const [message] = logged
  expect(logged.splice(0)).toEqual([
    message,
    expect.stringMatching(
      `^The result in ${file} cannot be read: it is empty\\. It is that of check orders, due at 20.* UTC, whose replay has ended without it\\. It cannot be moved to ${folder}/unreadable: EEXIST.* Move it away\\.$`,
    ),
  ])
  expect(await replays()).toMatchObject([{ outcome: 'error' }, { outcome: 'passed' }])
  await rm(file)
  await results.catchUp()
  expect(logged).toEqual(['works'])
})
