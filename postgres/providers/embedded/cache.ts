/** The cache of initialised data folders, so that only the first run on a machine pays for `initdb`. */
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
  /** To be copied, never to be used. */
  readonly dataFolder: string
  /** Of the superuser `postgres`. */
  readonly password: string
}

/**
 * Opens the entry for these binaries and settings, and builds it first if it is missing or damaged.
 * An entry appears under its name in one step, complete; of two that build it at once, one wins and both use that one.
 * Throws one error that names the folder when it cannot be written or is full.
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

// The password is written last, so whatever has one is whole, unless somebody cleaned up inside.
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
