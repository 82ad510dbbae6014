/** Spool: results on local disk that wait for the database. */
import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { makePrivateFolder } from '../../environment/reprise-folder.ts'
import { type NamedResult, namedResult, nameOf, resultIn, textOf } from './kept-result.ts'
import type { ReplayResult } from './replay-result.ts'

export interface Spool {
  /** Writes a result to disk. If that fails, throws the disk's reason, and no file is left. */
  keep(outcome: ReplayResult): Promise<void>
  /**
   * Passes the results to `take`, oldest due time first, and deletes those for which it returns true. Unreadable files
   * are passed to `onUnreadable` in the same order. Stops at the first error, and throws it. Returns how many results
   * were taken.
   */
  drain(
    take: (outcome: ReplayResult) => Promise<boolean>,
    onUnreadable: (unreadable: UnreadableResult) => Promise<void>,
  ): Promise<number>
  /** Moves a result, spooled or not, to a folder that is not drained, and returns its file. Throws like `keep`. */
  setAside(outcome: ReplayResult): Promise<string>
  /** As `setAside`; undefined if the file is gone. Throws the disk's reason if it cannot be moved. */
  setAsideUnreadable(unreadable: UnreadableResult): Promise<string | undefined>
}

/** A file that cannot be read as a result, now or later. */
export interface UnreadableResult {
  file: string
  /** Undefined if the file is not named like a result. */
  named: NamedResult | undefined
  /** A short phrase. */
  cause: string
}

/** Opens a spool in a folder, which is created if needed and may hold results of earlier processes. */
export function openSpool(folder: string): Spool {
  return {
    async keep(outcome) {
      await keepIn(folder, outcome)
    },
    async setAside(outcome) {
      const file = await keepIn(path.join(folder, 'refused'), outcome)
      await rm(path.join(folder, nameOf(outcome)), { force: true })
      return file
    },
    async setAsideUnreadable({ file }) {
      return moveInto(path.join(folder, 'unreadable'), file)
    },
    async drain(take, onUnreadable) {
      let drained = 0
      for (const name of await spooledFiles(folder)) {
        const file = path.join(folder, name)
        const found = await read(file)
        // Another instance that uses this folder has taken it.
        if (found === undefined) continue
        if (typeof found === 'string') await onUnreadable({ file, named: namedResult(name), cause: found })
        else if (await take(found)) {
          await rm(file, { force: true })
          drained++
        }
      }
      return drained
    },
  }
}

async function keepIn(folder: string, outcome: ReplayResult): Promise<string> {
  const file = path.join(folder, nameOf(outcome))
  try {
    makePrivateFolder(folder)
    await writeDurably(`${file}.part`, textOf(outcome))
    // The rename makes the file appear complete or not at all.
    await rename(`${file}.part`, file)
    await syncFolder(folder)
    return file
  } catch (error) {
    await rm(`${file}.part`, { force: true }).catch(() => undefined)
    throw new Error(
      `The result of check ${outcome.check} cannot be written to ${folder}: ${(error as Error).message}. Free some space there.`,
      { cause: error },
    )
  }
}

async function spooledFiles(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(name => name.endsWith('.json')).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Undefined if the file is gone; a string says why it cannot be read. */
async function read(file: string): Promise<ReplayResult | string | undefined> {
  try {
    return resultIn(await readFile(file, 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code !== undefined && shortages.includes(code)) throw error
    return message
  }
}

/** Errors that are no fault of the file. */
const shortages = ['EMFILE', 'ENFILE', 'ENOMEM']

async function moveInto(folder: string, file: string): Promise<string | undefined> {
  const moved = path.join(folder, path.basename(file))
  try {
    makePrivateFolder(folder)
    await rename(file, moved)
    await syncFolder(folder)
    return moved
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`It cannot be moved to ${folder}: ${(error as Error).message}. Move it away.`, { cause: error })
  }
}

async function writeDurably(file: string, text: string) {
  const handle = await open(file, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncFolder(folder: string) {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // Windows cannot sync folders.
    if (process.platform !== 'win32') throw error
  } finally {
    await handle.close()
  }
}
