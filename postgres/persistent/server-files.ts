/** Locates the files of a persistent server, and the server that runs on them. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { postmasterUrl } from '../providers/embedded/postmaster.ts'
import { type Account, serviceAccount } from '../providers/embedded/service-account.ts'
import { isOpenToOthers } from '../run/run-folder.ts'
import { ownerOf } from './owner-file.ts'

/** Whether the server of this folder was started before. */
export async function hasServerFiles(folder: string): Promise<boolean> {
  return existsSync(await serverFilesFolder(folder, await serviceAccount()))
}

/**
 * The URL of the server that another process runs on this folder, or undefined if none does. Throws while that process is
 * still starting or stopping the server.
 */
export async function runningServerUrl(folder: string): Promise<string | undefined> {
  const owner = await ownerOf(folder)
  if (owner === undefined) return undefined
  try {
    return await serverUrlIn(await serverFilesFolder(folder, await serviceAccount()))
  } catch (error) {
    throw new Error(`The process ${owner} is starting or stopping the database in ${folder}: try again in a moment.`, {
      cause: error,
    })
  }
}

/** The URL of the server that runs on the data in `place`. Throws while no server is ready there. */
export async function serverUrlIn(place: string): Promise<string> {
  const [, , , port] = (await readFile(path.join(place, 'data/postmaster.pid'), 'utf8')).split('\n')
  const password = await readFile(path.join(place, 'password'), 'utf8')
  return postmasterUrl(Number(port), password)
}

/** Removes the data of the folder's server, which must not be running. */
export async function removeServerFiles(folder: string): Promise<void> {
  await rm(await serverFilesFolder(folder, await serviceAccount()), { recursive: true, force: true })
}

/** The folder of the data: in `folder`, or for a server under the service account, where that account can read. */
export async function serverFilesFolder(folder: string, account: Account | undefined): Promise<string> {
  return account ? folderForAccount(folder) : path.join(folder, 'postgres')
}

/** Postgres does not run as root, and its account cannot enter root's private folders. */
async function folderForAccount(folder: string): Promise<string> {
  if (await isOpenToOthers(folder)) return path.join(folder, 'postgres')
  const name = createHash('sha256').update(path.resolve(folder)).digest('hex').slice(0, 12)
  return path.join('/var/lib/reprise', name)
}
