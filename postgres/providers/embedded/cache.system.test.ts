import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from '@playwright/test'
import { endRun, openPlace, startRun, test } from '../../testing/killed-run/killed-run.ts'
import { locateBinaries } from './binaries.ts'
import { openCache } from './cache.ts'
import { copyFolder } from './copy-folder.ts'
import { serviceAccount } from './service-account.ts'

const run = promisify(execFile)

test.describe('in one folder', () => {
  // In one worker, because they share its cache: each entry that is built costs an `initdb`.
  test.describe.configure({ mode: 'default' })
  let place: string
  let close: () => Promise<void>
  let entries: string[]

  test.beforeAll(async () => {
    const { path: folder, remove } = await openPlace()
    place = folder
    close = remove
    const env = { REPRISE_POSTGRES: 'embedded', XDG_CACHE_HOME: place }
    const runs = await Promise.all([startRun(env), startRun(env)])
    for (const started of runs) await endRun(started, 'in order')
    entries = await readdir(path.join(place, 'reprise'))
  })

  test.afterAll(() => close())

  test('two concurrent first runs both start and leave one cache entry', () => {
    expect(entries).toHaveLength(1)
  })

  for (const part of ['password', 'data/PG_VERSION', 'data/global/pg_control']) {
    test(`an entry without its ${part} is rebuilt, which removes that of a crashed build, and not one that another run is building`, async () => {
      const before = await openCacheIn(place)
      const ended = run('true')
      await ended
      const crashed = path.join(place, 'reprise', `postgres-x.${ended.child.pid}.0123abcd`)
      const building = path.join(place, 'reprise', `postgres-x.${process.pid}.0123abcd`)
      for (const folder of [crashed, building]) await mkdir(path.join(folder, 'data'), { recursive: true })
      await rm(path.join(path.dirname(before.dataFolder), part))
      const after = await openCacheIn(place)
      expect(after.dataFolder).toBe(before.dataFolder)
      expect(after.password).not.toBe(before.password)
      await expect(stat(crashed)).rejects.toThrow(/ENOENT/)
      expect((await stat(building)).isDirectory()).toBe(true)
      await rm(building, { recursive: true })
      expect(await readdir(path.join(place, 'reprise'))).toEqual(entries)
    })
  }

  test('only the account of the server can read the password and the data', async () => {
    const { dataFolder } = await openCacheIn(place)
    const entry = path.dirname(dataFolder)
    expect((await stat(entry)).mode & 0o077).toBe(0)
    expect((await stat(path.join(entry, 'password'))).mode & 0o777).toBe(0o600)
  })
})

test('binaries in a private folder, without their symbolic links, work', async ({ place }) => {
  const binaries = await locateBinaries()
  const folder = path.join(place, 'checkout')
  await copyFolder(binaries.folder, folder, undefined)
  for (const { at } of binaries.links) await rm(path.join(folder, at), { force: true })
  await chmod(folder, 0o700)
  const cache = await openCache({ ...binaries, folder }, await serviceAccount(), { XDG_CACHE_HOME: place })
  await rm(folder, { recursive: true })
  const { stdout } = await run(cache.program, ['--version'])
  expect(stdout).toContain('PostgreSQL')
})

test('the error for a cache that is not writable has its path and the remedy', async ({ place }) => {
  const file = path.join(place, 'file')
  await writeFile(file, '')
  const failure = startRun({ REPRISE_POSTGRES: 'embedded', XDG_CACHE_HOME: file })
  await expect(failure).rejects.toThrow(
    `The cache of the embedded Postgres cannot be built in ${file}/reprise: ENOTDIR: not a directory, mkdir '${file}/reprise'. Set XDG_CACHE_HOME`,
  )
})

test.describe('a full disk', () => {
  test.skip(process.platform !== 'linux' || process.getuid?.() !== 0, 'Only root on Linux can make a small disk.')

  const small = test.extend<{ disk: string }>({
    disk: async ({ place }, use) => {
      const disk = path.join(place, 'disk')
      await mkdir(disk)
      await run('mount', ['-t', 'tmpfs', '-o', 'size=20m,mode=1777', 'tmpfs', disk])
      await use(disk)
      await run('umount', ['--lazy', disk])
    },
  })

  small('of the cache: the error has its path, and nothing is left behind', async ({ disk }) => {
    await expect(startRun({ REPRISE_POSTGRES: 'embedded', XDG_CACHE_HOME: disk })).rejects.toThrow(
      /The cache of the embedded Postgres cannot be built in .*No space left on device.*Set XDG_CACHE_HOME/,
    )
    expect(await readdir(path.join(disk, 'reprise'))).toEqual([])
  })

  small('of the run folder: the error has its path, and nothing is left behind', async ({ disk }) => {
    await expect(startRun({ REPRISE_POSTGRES: 'embedded', TMPDIR: disk })).rejects.toThrow(
      /cannot be copied to .*No space left on device.*TMPDIR/,
    )
    expect((await readdir(disk)).filter(name => name.startsWith('reprise-'))).toEqual([])
  })
})

async function openCacheIn(place: string) {
  const account = await serviceAccount()
  if (account) await chown(place, account.uid, account.gid)
  return openCache(await locateBinaries(), account, { XDG_CACHE_HOME: place })
}
