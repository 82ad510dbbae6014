/** Operations: what an instance does again and again. Whether each works is logged, is a trouble that lasts, and is its health. */
import { createErrorLog } from './error-log.ts'
import { createHealth, type Health } from './health.ts'
import type { LoopOptions } from './loop.ts'
import { OwnTroubles } from './own-troubles.ts'

export type OperationEvents = Required<Pick<LoopOptions, 'onError' | 'onDone'>>

export interface Operations {
  /** The events of the operation with this name, which is the message when it fails. */
  watched(what: string): OperationEvents
  readonly health: Pick<Health, 'illness'>
  readonly troubles: Pick<OwnTroubles, 'lasting'>
}

/** Those that have to work for the watchdog's URL to be requested. */
export const operation = {
  planning: 'Slots cannot be planned',
  claiming: 'Slots cannot be claimed',
  endingRuns: 'A run does not end',
  recordingResults: 'Results cannot be recorded, so they wait on disk',
  delivering: 'Alerts cannot be delivered',
  beating: 'The heartbeat could not be written to the monitor database',
  watchingHeartbeats: 'Heartbeats cannot be watched',
} as const

/** Some are done once a minute at least. */
const healthyWithinMs: Readonly<Record<(typeof operation)[keyof typeof operation], number | undefined>> = {
  [operation.planning]: 180_000,
  [operation.claiming]: 180_000,
  [operation.beating]: 60_000,
  [operation.watchingHeartbeats]: 60_000,
  [operation.endingRuns]: undefined,
  [operation.recordingResults]: undefined,
  [operation.delivering]: undefined,
}

export function watchOperations(complain: (text: string) => void): Operations {
  const errorLog = createErrorLog(complain)
  const health = createHealth(healthyWithinMs)
  const troubles = new OwnTroubles()
  return {
    health,
    troubles,
    watched: what => ({
      onError: error => {
        health.failed(what)
        errorLog.begin(what, error)
        troubles.begin(what)
      },
      onDone: () => {
        health.succeeded(what)
        errorLog.end(what)
        troubles.end(what)
      },
    }),
  }
}
