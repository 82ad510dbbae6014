/** Removes what a run's own workers could not remove, since they were killed or got no answer. */
import type { Environment } from '../../environment/environment.ts'
import type { RunLedger } from '../store/run-ledger.ts'
import { connectSender } from './connect-sender.ts'

export interface SweepPlan {
  ledger: RunLedger
  /** Their ids. */
  replays: readonly string[]
  /** The environment, and its name. */
  name: string
  environment: Environment
  env: NodeJS.ProcessEnv
  /** Leaves to a later sweep what may still be in progress, and what takes long: the run holds a place until then. */
  isSweptAgain: boolean
  /** Resolves when the run has been asked to end: then the removals have a few seconds. */
  asked: Promise<unknown>
  /** Called for every possible leak. */
  complain(text: string): void
}

/** In milliseconds. A service that hangs takes up to ten seconds for each request. */
const [longestMs, briefMs, afterStopMs] = [180_000, 30_000, 3000]

/** The result of the sweep for one replay. */
export interface SweptCounts {
  removed: number
  unverified: number
  unresolved: number
  /** Answered like creations, without a rule, and shown by no test. */
  suspected: number
}

/** Returns the results by the replays' ids. To be called when none of their workers runs any more. */
export async function sweepReplays(plan: SweepPlan): Promise<Map<string, SweptCounts>> {
  const { ledger, replays, name, environment, env, isSweptAgain, asked, complain } = plan
  const counts = new Map(replays.map(id => [id, { removed: 0, unverified: 0, unresolved: 0, suspected: 0 }]))
  const routes = new Set<string>()
  const stopping = new AbortController()
  const timers: NodeJS.Timeout[] = []
  let hasEnded = false
  const stopIn = (ms: number) => {
    if (!hasEnded) timers.push(setTimeout(() => stopping.abort(), ms))
  }
  stopIn(isSweptAgain ? briefMs : longestMs)
  void asked.then(() => stopIn(afterStopMs))
  try {
    const { leaks } = await ledger.finish({
      environment: () => environment,
      env,
      connect: connectSender,
      isSweptAgain,
      stopped: stopping.signal,
      onEnding: ({ replay }, ending) => {
        for (const id of replay.split(', ')) {
          const count = counts.get(id)
          if (!count || ending.as === 'never created') continue
          count[ending.as] += ending.as === 'unresolved' ? 1 : ending.count
        }
      },
      onUnruled: ({ replay }, { route, reason }) => {
        for (const id of replay.split(', ')) {
          const count = counts.get(id)
          if (count) count.suspected += 1
        }
        if (!routes.has(route)) complain(`Possible leak in ${name}: ${route} was ${reason}.`)
        routes.add(route)
      },
    })
    for (const { file, intent, reason, isEarly } of leaks) {
      if (isSweptAgain && isEarly) continue
      if (!intent) complain(`The ledger's file ${file} cannot be read: ${reason}`)
      else complain(`Possible leak in ${name}: ${intent.method} ${intent.url}, sent at ${intent.at}: ${reason}.`)
    }
  } catch (error) {
    complain(`What this run may have left in ${name} is for the next sweep: ${(error as Error).message}.`)
  } finally {
    hasEnded = true
    timers.forEach(clearTimeout)
  }
  return counts
}
