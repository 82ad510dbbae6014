/** Builds one entry of the cache: a copy of the binaries, an initialised data folder and the superuser's password. */
import { randomBytes } from 'node:crypto'
import { chmod, lchown, mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Binaries } from './binaries.ts'
import { copyFolder } from './copy-folder.ts'
import { runProgram } from './program.ts'
import type { Account } from './service-account.ts'

/** Small WAL segments make a small data folder, which copies faster. The built-in locale is the same on every system. */
export const initdbSettings = [
  '--no-sync',
  '--no-instructions',
  '--wal-segsize=1',
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--username=postgres',
  '--auth=scram-sha-256',
  // The password is random, so that iterations of its hash add no protection and slow down every connection.
  '--set=scram_iterations=1',
]

/** Builds the entry in `folder`, which must not exist. Only the account can read the data and the password. */
export async function buildCacheEntry(folder: string, binaries: Binaries, account: Account | undefined): Promise<void> {
  await mkdir(folder, { mode: 0o700 })
  const programs = path.join(folder, 'postgres')
  // As this user: the account may have no access to the checkout.
  await copyFolder(binaries.folder, programs, undefined)
  for (const { at, to } of binaries.links) await link(to, path.join(programs, at))
  if (account) await handOver(folder, account)
  const password = randomBytes(24).toString('base64url')
  const passwordFile = path.join(folder, 'password')
  await writeFile(`${passwordFile}.new`, password, { mode: 0o600 })
  if (account) await lchown(`${passwordFile}.new`, account.uid, account.gid)
  await runProgram(
    path.join(programs, 'bin', 'initdb'),
    [...initdbSettings, `--pwfile=${passwordFile}.new`, `--pgdata=${path.join(folder, 'data')}`],
    { cwd: folder, account },
  )
  await rename(`${passwordFile}.new`, passwordFile)
}

async function link(to: string, at: string): Promise<void> {
  try {
    await symlink(to, at)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

async function handOver(folder: string, account: Account): Promise<void> {
  await lchown(folder, account.uid, account.gid)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const at = path.join(folder, entry.name)
    if (entry.isDirectory()) await handOver(at, account)
    else await lchown(at, account.uid, account.gid)
    // npm install may have run with a strict umask.
    if (entry.isDirectory()) await chmod(at, 0o700)
  }
}
