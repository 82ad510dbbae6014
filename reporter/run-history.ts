/** Keeps the last runs of a project in `.reprise/history`, one line of JSON each. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { makePrivateFolder } from '../environment/reprise-folder.ts'
import { type Outcome, type RecordedRun, together } from './recorded-tests.ts'

export interface PastRun {
  startedAt: string
  durationMs: number
  /** By name: the outcome, and the duration in milliseconds. */
  tests: Record<string, readonly [outcome: Outcome, durationMs: number]>
}

/** More would make the comparison one with another program. */
const keptRuns = 50

/** Of all lines, in characters; the oldest runs go first. */
const keptCharacters = 20_000_000

const fileOf = (folder: string) => path.join(folder, '.reprise', 'history', 'runs.jsonl')

/** The oldest first. A line that cannot be read, such as one of another version, is left out. */
export async function readHistory(folder: string): Promise<PastRun[]> {
  const text = await readFile(fileOf(folder), 'utf8').catch(ignoreAbsence)
  return text.split('\n').flatMap(line => {
    try {
      const run = JSON.parse(line)
      return typeof run.startedAt === 'string' && typeof run.tests === 'object' && run.tests !== null ? [run] : []
    } catch {
      return []
    }
  })
}

/** Adds the run, and drops the oldest. A run without tests has nothing to compare with. */
export async function addToHistory(folder: string, past: readonly PastRun[], run: RecordedRun): Promise<void> {
  if (run.tests.length === 0) return
  const { startedAt, durationMs } = run
  const tests = Object.fromEntries(
    together(run.tests).map(({ name, outcome, durationMs }) => [name, [outcome, Math.round(durationMs)]]),
  )
  const lines = [...past, { startedAt, durationMs, tests }].slice(-keptRuns).map(one => JSON.stringify(one))
  for (let size = lines.reduce((sum, line) => sum + line.length, 0); size > keptCharacters && lines.length > 1; ) {
    size -= lines.shift()?.length ?? 0
  }
  const file = fileOf(folder)
  makePrivateFolder(path.dirname(file))
  // Two runs at once may lose one of the two, but never leave half a file.
  const draft = `${file}.${process.pid}`
  await writeFile(draft, `${lines.join('\n')}\n`, { mode: 0o600 })
  await rename(draft, file)
}

function ignoreAbsence(error: NodeJS.ErrnoException): string {
  if (error.code !== 'ENOENT') throw error
  return ''
}
