/** Finishes the open intents of a ledger, wherever it is stored, and counts the results. */
import type { Environment } from '../environment.ts'
import { type ResolvedEnvironment, resolveEnvironment } from '../resolve-environment.ts'
import type { Intent, LedgerEntry, OpenIntent, Thing, UnruledRoute } from './entry.ts'
import { causeOf, type Ending, finish } from './finish.ts'
import { RemovedAddresses } from './removed-addresses.ts'
import { type Send, sendUntil } from './send.ts'

/** How long to wait for one request that may still be in progress, in milliseconds. */
const patience = 120_000

/** How long to wait until one intent's removal is visible, in milliseconds. */
const settlePatience = 10_000

export interface FinishOptions {
  /** Called with the ending of each intent. */
  onEnding?(intent: Intent, ending: Ending): void
  /** Called with what was answered like a creation and was not shown; by default it is a leak. */
  onUnruled?(intent: Intent, unruled: UnruledRoute): void
  /** The current configuration of an environment; without one at the same origin, the configuration stored by the run is used. */
  environment(name: string): Environment | undefined
  /** A ledger is skipped unless one of its intents is due; by default each is due. */
  isDue?(intent: Intent): boolean
  /** The environment variables with the secrets. */
  env: NodeJS.ProcessEnv
  /** Does not wait for requests that may still be in progress: the next sweep is soon. */
  isSweptAgain?: boolean
  /** Interrupts the removals: what is not finished is left to the next sweep. */
  stopped?: AbortSignal
  /** Opens a connection to an environment; `close` releases it. */
  connect(target: ResolvedEnvironment): Promise<{ send: Send; close(): Promise<void> }>
}

/** The environment that a ledger is about: its name, and the configuration of the run. */
export interface LedgerOwner {
  environment: string
  settings: Environment
}

export interface SweepResult {
  removed: number
  /** Removed according to the response to the removal, but not confirmed by a GET. */
  unverified: number
  neverCreated: number
  leaks: Leak[]
}

/** Something that may be left in an environment, or a file that cannot be read. */
export interface Leak {
  /** The ledger's file; in the monitor's database it is `run`. */
  file?: string
  run?: string
  reason: string
  intent?: Intent
  /** Its request may still be in progress, or its removal was interrupted. */
  isEarly?: true
}

export interface Finished {
  open: OpenIntent
  ending: Ending
}

export function emptyResult(): SweepResult {
  return { removed: 0, unverified: 0, neverCreated: 0, leaks: [] }
}

export function addTo(sum: SweepResult, result: SweepResult): void {
  sum.removed += result.removed
  sum.unverified += result.unverified
  sum.neverCreated += result.neverCreated
  sum.leaks.push(...result.leaks)
}

/** Access to the ledger while it is finished. */
export interface OpenLedger {
  /** Stores an entry before a removal begins. */
  note(entry: LedgerEntry): void | Promise<void>
  /** Whether another sweep has finished an intent, or begun to, since it was read. */
  isSettled?(id: string): boolean
}

/** Whether a ledger has a due intent; true for one without intents, which can be removed. */
export function isAnyDue(open: readonly OpenIntent[], { isDue }: Pick<FinishOptions, 'isDue'>): boolean {
  return !isDue || open.length === 0 || open.some(({ intent }) => isDue(intent))
}

/** Finishes the intents, last first. Errors become endings. */
export async function finishAll(
  open: readonly OpenIntent[],
  { environment, settings }: LedgerOwner,
  { onEnding, stopped, ...options }: FinishOptions,
  { note, isSettled }: OpenLedger,
): Promise<Finished[]> {
  const finished: Finished[] = []
  const end = (one: OpenIntent, ending: Ending) => {
    onEnding?.(one.intent, ending)
    finished.push({ open: one, ending })
  }
  const left = [...open]
  if (left.length === 0) return finished
  // REPRISE_TARGET in the current shell does not apply to earlier runs.
  const { REPRISE_TARGET: _, ...env } = options.env
  try {
    const now = options.environment(environment)
    // The run may have used another base URL, by REPRISE_TARGET.
    const described = now && originOf(now) === originOf(settings) ? now : settings
    const target = resolveEnvironment({ ...described, name: environment }, env)
    const { send, close } = await options.connect(target)
    const removed = new RemovedAddresses()
    try {
      for (let one = left.pop(); one; one = left.pop()) {
        const { id, at } = one.intent
        const now = Date.now()
        const context = {
          target,
          send: stopped ? sendUntil(stopped, send) : send,
          removed,
          note: async (things: Thing[]) => note({ entry: 'created', id, things }),
          ...(isSettled && { isSettled: () => isSettled(id) }),
          ...(stopped && { stopped }),
        }
        // What was created long ago does not need time to become visible.
        const settles = now - Date.parse(at) < settlePatience ? settlePatience : 1000
        const limits = { deadline: now + (options.isSweptAgain ? 0 : patience), settleBy: now + settles }
        const ending = stopped?.aborted ? interrupted(one) : await finish(one, context, limits)
        end(one, stopped?.aborted && ending.as === 'unresolved' ? interrupted(one) : ending)
      }
    } finally {
      await close()
    }
  } catch (error) {
    for (const one of left.reverse())
      end(one, { as: 'unresolved', reason: (error as Error).message, cause: causeOf(one) })
  }
  return finished
}

/** The ledger keeps the reason that it had. */
function interrupted(open: OpenIntent): Ending {
  const cause = causeOf(open)
  const reason = `${cause === undefined ? '' : `${cause}, and `}its removal was interrupted; \`reprise sweep\` goes on`
  return { as: 'unresolved', reason, cause: cause ?? open.reason, isEarly: true }
}

/** Adds the endings to a result. @param place The ledger that they are from. */
export function countInto(
  result: SweepResult,
  finished: readonly Finished[],
  place: { file: string } | { run: string },
): void {
  for (const { open, ending } of finished) {
    if (ending.as === 'removed' || ending.as === 'unverified') result[ending.as] += ending.count
    else if (ending.as === 'never created') result.neverCreated++
    else {
      const { reason, isEarly } = ending
      result.leaks.push({ ...place, reason, intent: open.intent, ...(isEarly && { isEarly }) })
    }
  }
}

function originOf({ baseURL }: Environment): string {
  return URL.canParse(baseURL) ? new URL(baseURL).origin : baseURL
}
