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
  /** Leaves requests that may still be in progress to a later sweep. */
  isSweptAgain: boolean
  /** Called for every possible leak. */
  complain(text: string): void
}

/** The result of the sweep for one replay. */
export interface SweptCounts {
  removed: number
  unverified: number
  unresolved: number
}

/** Returns the results by the replays' ids. To be called when none of their workers runs any more. */
export async function sweepReplays(plan: SweepPlan): Promise<Map<string, SweptCounts>> {
  const { ledger, replays, name, environment, env, isSweptAgain, complain } = plan
  const counts = new Map(replays.map(id => [id, { removed: 0, unverified: 0, unresolved: 0 }]))
  try {
    const { leaks } = await ledger.finish({
      environment: () => environment,
      env,
      connect: connectSender,
      isSweptAgain,
      onEnding: ({ replay }, ending) => {
        for (const id of replay.split(', ')) {
          const count = counts.get(id)
          if (!count || ending.as === 'never created') continue
          count[ending.as] += ending.as === 'unresolved' ? 1 : ending.count
        }
      },
    })
    for (const { file, intent, reason, isEarly } of leaks) {
      if (isSweptAgain && isEarly) continue
      if (!intent) complain(`The ledger's file ${file} cannot be read: ${reason}`)
      else complain(`Possible leak in ${name}: ${intent.method} ${intent.url}, sent at ${intent.at}: ${reason}.`)
    }
  } catch (error) {
    complain(`What this run may have left in ${name} is for the next sweep: ${(error as Error).message}.`)
  }
  return counts
}
