/** Results on local disk while the database is away: they go in later, each once. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import type { ReplayOutcome } from './outcome.ts'

export interface Spool {
  /** Keeps a result. Throws, with the disk's reason, when it cannot be written; then it is not kept. */
  keep(outcome: ReplayOutcome): Promise<void>
  /**
   * Hands over what is kept, the oldest due first, and forgets what `take` says it has taken; the rest stays. Stops when
   * it throws, and throws that. Answers how many were taken.
   */
  drain(take: (outcome: ReplayOutcome) => Promise<boolean>): Promise<number>
  /** Puts a result aside, kept here or not, so that it is handed over no more; answers its file. Throws as `keep` does. */
  setAside(outcome: ReplayOutcome): Promise<string>
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
    async drain(take) {
      let drained = 0
      for (const name of await kept(folder)) {
        const file = path.join(folder, name)
        const text = await readIfThere(file)
        // Another instance that works in this folder was faster.
        if (text === undefined) continue
        if (!(await take(parse(text)))) continue
        await rm(file, { force: true })
        drained++
      }
      return drained
    },
  }
}

const nameOf = ({ due, replay }: ReplayOutcome) => `${due.getTime().toString().padStart(16, '0')}-${replay}.json`

async function keepIn(folder: string, outcome: ReplayOutcome): Promise<string> {
  const file = path.join(folder, nameOf(outcome))
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeDurably(`${file}.part`, JSON.stringify(outcome))
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

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function parse(text: string): ReplayOutcome {
  const stored = JSON.parse(text)
  return { ...stored, due: new Date(stored.due), endedAt: new Date(stored.endedAt) }
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
