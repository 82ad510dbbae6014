/** Keeps the outcomes of a run's checks beside its report, so that reports can be ranked when there is too little room. */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Outcome } from '../verdict/finding.ts'

const name = 'outcomes.json'

/** @param place The report's folder. */
export async function writeOutcomes(
  place: string,
  checks: readonly { name: string; outcome: Outcome }[],
): Promise<void> {
  const outcomes = Object.fromEntries(checks.map(check => [check.name, check.outcome]))
  await writeFile(path.join(place, name), JSON.stringify(outcomes), { mode: 0o600 })
}

/** By the names of the checks; undefined where there are none, or none that can be read. */
export async function readOutcomes(place: string): Promise<Record<string, Outcome> | undefined> {
  try {
    return JSON.parse(await readFile(path.join(place, name), 'utf8'))
  } catch {
    return undefined
  }
}
