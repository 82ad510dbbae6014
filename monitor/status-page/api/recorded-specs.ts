/** Reads the specs and attempts that were stored with a replay. */
import { z } from 'zod'
import { outcome } from './schema-parts.ts'

const request = z.object({
  method: z.string(),
  url: z.string(),
  status: z.int().optional(),
  error: z.string().optional(),
  connectMs: z.number().optional(),
  tlsMs: z.number().optional(),
  firstByteMs: z.number().optional(),
  totalMs: z.number(),
})

const attempt = z.object({
  outcome,
  durationMs: z.number(),
  error: z.object({ message: z.string(), file: z.string().optional(), line: z.int().optional() }).optional(),
  requests: z.array(request),
})

export const recordedSpec = z.object({
  title: z.string(),
  file: z.string(),
  line: z.int(),
  outcome,
  reason: z.string().optional(),
  attempts: z.array(attempt),
})

/** None where the detail is missing or, since it is of another version, has another form. */
export function specsOf(detail: unknown): z.output<typeof recordedSpec>[] {
  return z.object({ specs: z.array(recordedSpec) }).safeParse(detail).data?.specs ?? []
}
