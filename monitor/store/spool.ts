/** Results on local disk while the database is away: they go in later, each once. */
import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { makeOwnFolder } from '../../environment/reprise-folder.ts'
import { type NamedResult, namedResult, nameOf, resultIn, textOf } from './kept-result.ts'
import type { ReplayResult } from './replay-result.ts'

export interface Spool {
  /** Keeps a result. Throws, with the disk's reason, when it cannot be written; then it is not kept. */
  keep(outcome: ReplayResult): Promise<void>
  /**
   * Hands over what is kept, the oldest due first, and forgets what `take` says it has taken; the rest stays. What cannot
   * be read goes to `onUnreadable` in its turn. Stops when one of them throws, and throws that. Answers how many were taken.
   */
  drain(
    take: (outcome: ReplayResult) => Promise<boolean>,
    onUnreadable: (unreadable: UnreadableResult) => Promise<void>,
  ): Promise<number>
  /** Puts a result aside, kept here or not, so that it is handed over no more; answers its file. Throws as `keep` does. */
  setAside(outcome: ReplayResult): Promise<string>
  /** As `setAside`; undefined: it is no longer there. Throws, with the disk's reason, when it cannot be moved. */
  setAsideUnreadable(unreadable: UnreadableResult): Promise<string | undefined>
}

/** A file among the results that cannot be read, and could not be the next time. */
export interface UnreadableResult {
  file: string
  /** Undefined for a file that is not named as results are. */
  named: NamedResult | undefined
  /** In a few words. */
  cause: string
}

/** A spool in a folder, which is made if it is not there; results of earlier processes are in it. */
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
      for (const name of await kept(folder)) {
        const file = path.join(folder, name)
        const found = await read(file)
        // Another instance that works in this folder was faster.
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
    makeOwnFolder(folder)
    await writeDurably(`${file}.part`, textOf(outcome))
    // A result is there as a whole or not at all.
    await rename(`${file}.part`, file)
    await syncFolder(folder)
    return file
  } catch (error) {
    await rm(`${file}.part`, { force: true }).catch(() => undefined)
    throw new Error(
      `The result of check ${outcome.check} cannot be kept in ${folder}: ${(error as Error).message}. Free some space there.`,
      { cause: error },
    )
  }
}

async function kept(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(name => name.endsWith('.json')).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Undefined: it is not there. A text: why it cannot be read. */
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

/** Nothing is wrong with a file that cannot be read for these. */
const shortages = ['EMFILE', 'ENFILE', 'ENOMEM']

async function moveInto(folder: string, file: string): Promise<string | undefined> {
  const moved = path.join(folder, path.basename(file))
  try {
    makeOwnFolder(folder)
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
    // Windows syncs no folders.
    if (process.platform !== 'win32') throw error
  } finally {
    await handle.close()
  }
}
