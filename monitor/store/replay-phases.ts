/** Sums up the phases of the requests of a replay, from its detail. */
import { specsOf } from './stored-detail.ts'

export const phaseNames = ['dns', 'connect', 'tls', 'firstByte', 'download'] as const

export interface Phases {
  /** How many requests were answered, in the last attempt of each spec. */
  requests: number
  /** The sum of each phase over these requests, in milliseconds. A request that used an open connection adds 0. */
  sums: Record<(typeof phaseNames)[number], number>
}

/** What is stored beside a replay, so that no page has to read its detail. */
export interface MeasuredRequests {
  /** As `phases` of the table: the number of requests, then the sums in the order of `phaseNames`. */
  phases: number[]
  /** How long the slowest of all requests took, in milliseconds. */
  slowestMs: number
}

/** Undefined if no request was sent. */
export function measuredRequests(detail: unknown): MeasuredRequests | undefined {
  const sent = specsOf(detail).flatMap(({ attempts }) => attempts.slice(-1).flatMap(({ requests }) => requests))
  if (sent.length === 0) return undefined
  const answered = sent.filter(({ status }) => status !== undefined)
  const sums = phaseNames.map(name => answered.reduce((sum, request) => sum + (request[`${name}Ms`] ?? 0), 0))
  return { phases: [answered.length, ...sums], slowestMs: Math.max(...sent.map(({ totalMs }) => totalMs)) }
}

/** Reads `phases` of the table. */
export function phasesIn(stored: readonly number[] | null): Phases | undefined {
  if (stored === null) return undefined
  const [requests = 0, ...values] = stored
  const sums = { dns: 0, connect: 0, tls: 0, firstByte: 0, download: 0 }
  phaseNames.forEach((name, index) => {
    sums[name] = values[index] ?? 0
  })
  return { requests, sums }
}
