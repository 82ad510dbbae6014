/** Finishes what a run has left in its ledger, wherever that is kept, and tells what came of it. */
import type { Environment } from '../environment.ts'
import { type ResolvedEnvironment, resolveEnvironment } from '../resolve-environment.ts'
import type { Intent, LedgerEntry, OpenIntent, Thing } from './entry.ts'
import { type Ending, finish } from './finish.ts'
import { RemovedAddresses } from './removed-addresses.ts'
import type { Send } from './send.ts'

/** How long it waits for one request that may still be at work, in milliseconds. */
const patience = 120_000

/** How long it waits for the answers of one intent's removal to become true, in milliseconds. */
const settlePatience = 10_000

export interface FinishOptions {
  /** Told how each intent has ended. */
  onEnding?(intent: Intent, ending: Ending): void
  /** An environment as it is configured now; without one at that place, it is used as it was when the run began. */
  environment(name: string): Environment | undefined
  /** A ledger of which no intent is due is left as it is; by default each is. */
  isDue?(intent: Intent): boolean
  /** For the secrets. */
  env: NodeJS.ProcessEnv
  /** Waits for no request that may still be at work: somebody sweeps again soon. */
  isSweptAgain?: boolean
  /** What sends to a target, and gives back what that took. */
  connect(target: ResolvedEnvironment): Promise<{ send: Send; close(): Promise<void> }>
}

/** Whose ledger it is: the environment's name, and how it was reached. */
export interface LedgerOwner {
  environment: string
  settings: Environment
}

export interface SweepResult {
  removed: number
  /** Removed as far as the answer to the removal says; nothing else could tell. */
  unverified: number
  neverCreated: number
  leaks: Leak[]
}

/** What may be left in an environment, or a file that cannot be read. */
export interface Leak {
  /** Of the ledger; in the monitor's database it is a run's. */
  file?: string
  run?: string
  reason: string
  intent?: Intent
  /** Its request may still be at work. */
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

/** The ledger while it is finished. */
export interface OpenLedger {
  /** Stores an entry before a removal begins. */
  note(entry: LedgerEntry): void | Promise<void>
  /** Whether another sweep has settled an intent, or begun to, since it was read. */
  isSettled?(id: string): boolean
}

/** Whether anything of a ledger has to be looked at now; one without intents is done with. */
export function isAnyDue(open: readonly OpenIntent[], { isDue }: Pick<FinishOptions, 'isDue'>): boolean {
  return !isDue || open.length === 0 || open.some(({ intent }) => isDue(intent))
}

/** Last first. Whatever goes wrong is an ending. */
export async function finishAll(
  open: readonly OpenIntent[],
  { environment, settings }: LedgerOwner,
  { onEnding, ...options }: FinishOptions,
  { note, isSettled }: OpenLedger,
): Promise<Finished[]> {
  const finished: Finished[] = []
  const end = (one: OpenIntent, ending: Ending) => {
    onEnding?.(one.intent, ending)
    finished.push({ open: one, ending })
  }
  const left = [...open]
  if (left.length === 0) return finished
  // What a shell has in REPRISE_TARGET is about the next run.
  const { REPRISE_TARGET: _, ...env } = options.env
  try {
    const now = options.environment(environment)
    // A run may have been against another place, as REPRISE_TARGET said then.
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
          send,
          removed,
          note: async (things: Thing[]) => note({ entry: 'created', id, things }),
          ...(isSettled && { isSettled: () => isSettled(id) }),
        }
        // What was created long ago has long shown.
        const settles = now - Date.parse(at) < settlePatience ? settlePatience : 1000
        const limits = { deadline: now + (options.isSweptAgain ? 0 : patience), settleBy: now + settles }
        end(one, await finish(one, context, limits))
      }
    } finally {
      await close()
    }
  } catch (error) {
    for (const one of left.reverse()) end(one, { as: 'unresolved', reason: (error as Error).message })
  }
  return finished
}

/** Adds what came of a ledger. @param place Of the ledger. */
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
