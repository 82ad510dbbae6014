/** Creates the data folder of a persistent server, completely or not at all. */
import { copyFile, lchown, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Cache } from '../providers/embedded/cache.ts'
import { copyFolder } from '../providers/embedded/copy-folder.ts'
import { runProgram } from '../providers/embedded/program.ts'
import type { Account } from '../providers/embedded/service-account.ts'

/** Returns the path of the data folder. Throws for data of another major version, which the installed binaries cannot read. */
export async function ensureDataFolder(folder: string, cache: Cache, account: Account | undefined): Promise<string> {
  const data = path.join(folder, 'data')
  const version = await versionOf(data)
  const ours = await versionOf(cache.dataFolder)
  if (version === ours) return data
  if (version !== undefined) {
    throw new Error(
      `The data in ${data} are of Postgres ${version}, and the installed binaries are of Postgres ${ours}. ` +
        'Install the earlier packages, or move the folder away to start with an empty database.',
    )
  }
  const [unfinished, password] = [`${data}.new`, path.join(folder, 'password')]
  await rm(unfinished, { recursive: true, force: true })
  await copyFolder(cache.dataFolder, unfinished, account)
  // A copy: the cache may be rebuilt, with another password.
  await copyFile(path.join(path.dirname(cache.dataFolder), 'password'), password)
  if (account) await lchown(password, account.uid, account.gid)
  const initdb = path.join(path.dirname(cache.program), `initdb${path.extname(cache.program)}`)
  await runProgram(initdb, ['--sync-only', `--pgdata=${unfinished}`], { cwd: folder, account })
  await rename(unfinished, data)
  return data
}

async function versionOf(data: string): Promise<string | undefined> {
  return (await readFile(path.join(data, 'PG_VERSION'), 'utf8').catch(() => undefined))?.trim()
}
