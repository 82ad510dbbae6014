/** The plan of one process of Playwright: plain JSON, read by the generated configuration. */
import type { Replay, TargetOptions } from '../../environment/environment.ts'
import type { Check } from '../config/configuration.ts'
import { patternOf } from './pattern.ts'
import { specFiles } from './spec-files.ts'

export interface Plan {
  /** Of the configuration; spec files are relative to it. */
  folder: string
  checks: PlannedCheck[]
  /** Without `replays`, which differ from project to project. */
  target: TargetOptions
  /** Whether reports leave out pictures of pages. */
  withoutPictures: boolean
  workers: number
  /** Whether every test is run by itself, as after one that has failed. */
  fullyParallel: boolean
  /** The spec files that are loaded, absolute; absent: all of the checks'. Those of what others depend on are loaded as well. */
  modules?: readonly string[]
  /** How often tests have been tried by processes before this one, by their ids. */
  tried: Readonly<Record<string, number>>
  outputFolder: string
  /** Playwright's report of this process, an archive. */
  blob: string
}

export interface PlannedCheck extends Replay {
  /** Absolute; undefined: all that Playwright's config knows. */
  files?: string[]
  /** Names of projects; empty: any. */
  projects: readonly string[]
  timeoutMs: number
  retries: number
  /** Whether its state is unknown: it may be one that never gives evidence about the service, such as one whose tests skip themselves. */
  isUnknown: boolean
  /** A failure has to be confirmed by a further run: what hangs is tried again by that, and not by a retry. */
  isConfirmed: boolean
}

/** @param id Of the replay. */
export async function planCheck(
  check: Check,
  id: string,
  folder: string,
  { isUnknown = false, isConfirmed = false } = {},
): Promise<PlannedCheck> {
  const files = check.specs.length > 0 ? await specFiles(check.specs, folder) : undefined
  return {
    check: check.name,
    id,
    pattern: patternOf(check, folder, files),
    ...(files && { files }),
    projects: check.projects,
    timeoutMs: check.timeoutMs,
    retries: check.retries,
    isUnknown,
    isConfirmed,
  }
}
