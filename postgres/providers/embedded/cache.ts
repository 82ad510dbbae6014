/** Caches initialised data folders, so that only the first run on a machine takes the time of `initdb`. */
import { createHash, randomBytes } from 'node:crypto'
import { readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Binaries } from './binaries.ts'
import { buildCacheEntry, initdbSettings } from './cache-entry.ts'
import { cacheRoot, openCacheRoot } from './cache-root.ts'
import type { Account } from './service-account.ts'

export interface Cache {
  /** Path of the `postgres` program. */
  readonly program: string
  /** The original: copied for each run, never started on. */
  readonly dataFolder: string
  /** The password of the superuser `postgres`. */
  readonly password: string
}

/**
 * Opens the entry for these binaries and settings, and builds it if it is missing or damaged. A complete entry gets its
 * name by one rename; of two concurrent builds one wins, and both use it. Throws one error with the folder if it is not
 * writable or full.
 */
export async function openCache(
  binaries: Binaries,
  account: Account | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Cache> {
  const root = await cacheRoot(env, account)
  const entry = path.join(root, entryName(binaries, account))
  const ready = await readEntry(entry)
  if (ready) return ready
  try {
    await openCacheRoot(root)
    await discard(entry)
    const building = `${entry}.${process.pid}.${randomBytes(4).toString('hex')}`
    try {
      await buildCacheEntry(building, binaries, account)
      await rename(building, entry).catch(async error => {
        if (!(await readEntry(entry))) throw error
      })
    } finally {
      await rm(building, { recursive: true, force: true })
    }
    const built = await readEntry(entry)
    if (!built) throw new Error('it disappeared while it was built')
    return built
  } catch (error) {
    throw new Error(
      `The cache of the embedded Postgres cannot be built in ${root}: ${(error as Error).message}. ` +
        'Set XDG_CACHE_HOME to a folder with 200 MB of free space that you can write.',
      { cause: error },
    )
  }
}

function entryName(binaries: Binaries, account: Account | undefined): string {
  const owner = account?.uid ?? process.getuid?.() ?? 0
  const settings = createHash('sha256')
    .update(JSON.stringify([initdbSettings, owner]))
    .digest('hex')
    .slice(0, 12)
  return `postgres-${binaries.version}-${settings}`
}

// The password is written last: an entry that has one is complete, unless files in it were removed.
async function readEntry(entry: string): Promise<Cache | undefined> {
  const dataFolder = path.join(entry, 'data')
  const program = path.join(entry, 'postgres', 'bin', process.platform === 'win32' ? 'postgres.exe' : 'postgres')
  const parts = ['password', path.join('data', 'PG_VERSION'), path.join('data', 'global', 'pg_control')]
  try {
    const [password, ...rest] = await Promise.all(parts.map(part => readFile(path.join(entry, part), 'latin1')))
    if (!password || rest.includes('')) return undefined
    return { program, dataFolder, password }
  } catch {
    return undefined
  }
}

async function discard(entry: string): Promise<void> {
  const aside = `${entry}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    await rename(entry, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  await rm(aside, { recursive: true, force: true })
}
