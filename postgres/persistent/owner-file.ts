/** Gives a data folder to one process at a time, by a file with its process id. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { startOf } from '../../processes/process-identity.ts'

const fileName = 'owner.json'

export interface FolderOwnership {
  release(): Promise<void>
}

/**
 * Throws an error with the process id if another running process has the folder.
 * @param urlVariable The environment variable that would name another database, for the error's remedy.
 */
export async function takeFolder(folder: string, urlVariable?: string): Promise<FolderOwnership> {
  const file = path.join(folder, fileName)
  const own = JSON.stringify({ pid: process.pid, started: startOf(process.pid) })
  for (;;) {
    try {
      await writeFile(file, own, { flag: 'wx', mode: 0o600 })
      return { release: () => rm(file, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new Error(`${file} cannot be written: ${(error as Error).message}.`, { cause: error })
      }
    }
    const text = await readFile(file, 'utf8').catch(() => '')
    const owner = await runningOwnerIn(text)
    if (owner !== undefined) {
      const otherwise = urlVariable
        ? `, or set ${urlVariable} to the URL of a database that several processes can use`
        : ''
      throw new Error(`The data in ${folder} are in use by the process ${owner}: end it first${otherwise}.`)
    }
    // Another process may have replaced the stale file in the meantime.
    if ((await readFile(file, 'utf8').catch(() => '')) === text) await rm(file, { force: true })
  }
}

/** The id of the process that has the folder; undefined if it has ended, or if there is none. */
export async function ownerOf(folder: string): Promise<number | undefined> {
  return runningOwnerIn(await readFile(path.join(folder, fileName), 'utf8').catch(() => ''))
}

async function runningOwnerIn(text: string): Promise<number | undefined> {
  const owner = ownerIn(text)
  return owner && startOf(owner.pid) === owner.started ? owner.pid : undefined
}

function ownerIn(text: string): { pid: number; started: string } | undefined {
  try {
    const { pid, started } = JSON.parse(text)
    return typeof pid === 'number' ? { pid, started } : undefined
  } catch {
    return undefined
  }
}
