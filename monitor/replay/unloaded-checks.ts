/** Replays what can be replayed of checks whose spec files could not be loaded together. */
import type { ErrorPlace } from './events.ts'
import type { PlannedCheck } from './plan.ts'
import type { PlaywrightRun } from './playwright-run.ts'
import { describedError, finalReasons, type ReplayedCheck } from './replayed-check.ts'

/** @param run The process that could not load them. @param replay Replays some of the checks, as if they were all. */
export async function replayLoadable(
  checks: readonly PlannedCheck[],
  run: PlaywrightRun,
  replay: (checks: readonly PlannedCheck[]) => Promise<ReplayedCheck[]>,
): Promise<ReplayedCheck[]> {
  const faulty = checks.map(check => ({ check, tests: [], error: loadErrorOf(check, checks, run) }))
  const failed = faulty.filter(({ error }) => error !== undefined)
  if (failed.length === 0) {
    // Whose fault it is shows when each is alone.
    const replayed: ReplayedCheck[] = []
    let ended: string | undefined
    for (const check of checks) {
      const [own] = ended === undefined ? await replay([check]) : [{ check, tests: [], error: ended }]
      if (own?.error !== undefined && finalReasons.includes(own.error)) ended = own.error
      if (own) replayed.push(own)
    }
    return replayed
  }
  const rest = checks.filter(check => !failed.some(other => other.check === check))
  const replayed = await replay(rest)
  return faulty.map(({ check, error }) => {
    return replayed.find(other => other.check === check) ?? { check, tests: [], error: error ?? '' }
  })
}

function loadErrorOf(check: PlannedCheck, checks: readonly PlannedCheck[], run: PlaywrightRun): string | undefined {
  // Not even Playwright's configuration was read: nothing depends on who is in the run.
  if (run.errors.length === 0 && run.stopped === 'died') return `Playwright does not start: ${run.lastWords}`
  const own = faultyFile(check, run)
  if (own) return describedError(own)
  if (checks.length > 1) return undefined
  const [first] = run.errors
  return first
    ? describedError(first.error)
    : 'its specs did not load in time: look for an endless loop outside of the tests'
}

/** What is wrong with a file of the check's. */
export function faultyFile({ files }: PlannedCheck, run: PlaywrightRun): ErrorPlace | undefined {
  return run.errors.find(({ error: { file } }) => file !== undefined && files?.some(name => endsWith(name, file)))
    ?.error
}

/** The place of an error is relative to a folder that is not known here. */
function endsWith(absolute: string, relative: string): boolean {
  const name = relative.replace(/^(\.\.\/)+/, '')
  return absolute.split('\\').join('/').endsWith(`/${name}`)
}
