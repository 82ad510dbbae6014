/** Names, writes and parses the file of a result. */
import { z } from 'zod'
import type { ReplayResult } from './replay-result.ts'

/** The part of a result that the file's name holds. */
export type NamedResult = Pick<ReplayResult, 'due' | 'replay'>

/** Sorted by name, files are in the order of their due times. */
export const nameOf = ({ due, replay }: NamedResult) => `${due.getTime().toString().padStart(16, '0')}-${replay}.json`

/** Parses a file's name; undefined if it is not the name of a result. */
export function namedResult(name: string): NamedResult | undefined {
  const [, due, replay] = /^(\d{16})-(.{8}-.{4}-.{4}-.{4}-.{12})\.json$/.exec(name) ?? []
  if (due === undefined || !z.uuid().safeParse(replay).success) return undefined
  return { due: new Date(Number(due)), replay: String(replay) }
}

export const textOf = (outcome: ReplayResult) => JSON.stringify(outcome)

/** Throws what is wrong with the text, without quoting it. */
export function resultIn(text: string): ReplayResult {
  const { success, data, error } = resultSchema.safeParse(jsonIn(text))
  if (success) return data
  const [place] = error.issues[0]?.path ?? []
  throw new Error(place === undefined ? 'it is not a result' : `its ${JSON.stringify(place)} is invalid`, {
    cause: error,
  })
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(text === '' ? 'it is empty' : 'it is truncated, or not JSON', { cause: error })
  }
}

const time = z.iso.datetime().transform(text => new Date(text))
const resultSchema = z.object({
  check: z.string(),
  due: time,
  location: z.string(),
  kind: z.enum(['cron', 'confirm', 'manual']),
  replay: z.string(),
  outcome: z.enum(['passed', 'flaky', 'slow', 'failed', 'error', 'unknown']),
  durationMs: z.number().exactOptional(),
  endedAt: time,
  reason: z.string().exactOptional(),
  version: z.string().exactOptional(),
  traceId: z.string().exactOptional(),
  detail: z.unknown().optional(),
  isAgain: z.literal(true).exactOptional(),
})
