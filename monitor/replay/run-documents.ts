/** Makes the documents of a run and of its checks, without the values of secrets. */
import type { Redactor } from '../../environment/secrets/redaction/redactor.ts'
import type { Check } from '../config/configuration.ts'
import { type CheckDocument, checkDocument, type JudgedCheck, type RunDocument, runDocument } from './document.ts'
import type { ReplayedCheck } from './replayed-check.ts'
import type { SweptCounts } from './swept-replays.ts'

export type AboutRun = Pick<RunDocument, 'run' | 'environment' | 'startedAt'>

export interface RunDocuments {
  /** Of a check whose tests have ended while others of its run go on: its ledger is not known yet. */
  ofCheck(replayed: ReplayedCheck): CheckDocument
  ofRun(replayed: readonly ReplayedCheck[], found: FoundAfterwards): RunDocument
}

/** What is known when all tests have ended. */
interface FoundAfterwards {
  /** What was found in the ledgers, by the ids of the replays. */
  swept: ReadonlyMap<string, SweptCounts>
  /** The report's page, relative to the configuration's folder; null where there is none. */
  report: string | null
  /** What may be left in the environment has no part in the exit code. */
  allowLeaks: boolean
}

export function openDocuments(about: AboutRun, checks: readonly Check[], redactor: Redactor): RunDocuments {
  const judged = (replay: ReplayedCheck, swept = noneSwept): JudgedCheck => {
    const { slowAboveMs, evidence = 'expect' } = checks.find(({ name }) => name === replay.check.check) ?? {}
    return { replay, swept, evidence, ...(slowAboveMs !== undefined && { slowAboveMs }) }
  }
  return {
    ofCheck: replayed => redacted(checkDocument(judged(replayed)), redactor),
    ofRun: (replayed, { swept, report, allowLeaks }) => {
      const all = replayed.map(replay => judged(replay, swept.get(replay.check.id)))
      return redacted(runDocument(about, all, report, allowLeaks), redactor)
    },
  }
}

const noneSwept: SweptCounts = { removed: 0, unverified: 0, unresolved: 0, suspected: 0 }

function redacted<T>(document: T, redactor: Redactor): T {
  if (redactor.isIdle) return document
  const clean = (key: string, value: unknown) =>
    typeof value === 'string' && !given.has(key) ? redactor.text(value) : value
  return JSON.parse(JSON.stringify(document, clean))
}

/** Fields with names of the configuration and fixed words, which are not redacted. */
const given = new Set(['name', 'environment', 'outcome', 'run', 'replay', 'startedAt', 'traceId', 'spanId'])
