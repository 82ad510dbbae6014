/** Reads the evidence of a replay from its stored detail: which specs have failed, where, and what was requested. */
import { z } from 'zod'

/** Only what is shown; a detail of an earlier version may lack some of it. */
const request = z.object({
  method: z.string(),
  url: z.string(),
  status: z.number().optional(),
  error: z.string().optional(),
  totalMs: z.number().optional(),
})
const attempt = z.object({
  outcome: z.string(),
  error: z.object({ message: z.string(), file: z.string().optional(), line: z.number().optional() }).optional(),
  requests: z.array(request).catch([]),
})
const spec = z.object({
  title: z.string(),
  file: z.string(),
  line: z.number(),
  outcome: z.string(),
  attempts: z.array(attempt).catch([]),
})
const detail = z.object({
  run: z.string().optional().catch(undefined),
  report: z.string().nullish().catch(undefined),
  specs: z.array(spec).catch([]),
})

export interface ReplayEvidence {
  /** Of which there is a report. */
  run: string | undefined
  failed: FailedSpec[]
}

export interface FailedSpec {
  title: string
  file: string
  line: number
  attempts: number
  /** Of the last attempt that had one. */
  error: { message: string; file?: string | undefined; line?: number | undefined } | undefined
  /** Of the last attempt. */
  requests: z.infer<typeof request>[]
}

/** Without specs where there is no detail. */
export function evidenceIn(stored: unknown): ReplayEvidence {
  const { data } = detail.safeParse(stored)
  if (!data) return { run: undefined, failed: [] }
  return {
    run: data.report ? data.run : undefined,
    failed: data.specs
      .filter(({ outcome }) => outcome === 'failed')
      .map(({ title, file, line, attempts }) => ({
        ...{ title, file, line },
        attempts: attempts.length,
        error: attempts.findLast(({ error }) => error)?.error,
        requests: attempts.at(-1)?.requests ?? [],
      })),
  }
}
