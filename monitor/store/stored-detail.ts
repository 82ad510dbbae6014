/** Reads the detail of a replay as it is stored: by this version or an earlier one, so that each part may be missing. */
import { z } from 'zod'

const text = z.string().catch('')
const ms = z.number().nonnegative().optional().catch(undefined)

const request = z.object({
  method: text,
  url: text,
  status: z.number().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
  dnsMs: ms,
  connectMs: ms,
  tlsMs: ms,
  firstByteMs: ms,
  downloadMs: ms,
  totalMs: z.number().nonnegative().catch(0),
})

const attempt = z.object({
  outcome: text,
  durationMs: z.number().nonnegative().catch(0),
  error: z
    .object({
      message: text,
      file: z.string().optional().catch(undefined),
      line: z.number().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  requests: listOf(request),
})

const spec = z.object({
  title: text,
  file: text,
  line: z.number().optional().catch(undefined),
  outcome: text,
  reason: z.string().optional().catch(undefined),
  attempts: listOf(attempt),
})

const detailSchema = z.object({ specs: listOf(spec) })

export type StoredSpec = z.infer<typeof spec>
export type StoredAttempt = z.infer<typeof attempt>
export type StoredRequest = z.infer<typeof request>

/** Leaves out what is not a spec. */
export function specsOf(detail: unknown): StoredSpec[] {
  const { success, data } = detailSchema.safeParse(detail)
  return success ? data.specs : []
}

/** A list whose invalid elements are left out; empty if it is none. */
function listOf<T extends z.ZodType>(element: T) {
  return z
    .array(z.unknown())
    .catch([])
    .transform((items): z.output<T>[] => {
      return items.flatMap(item => {
        const { success, data } = element.safeParse(item)
        return success ? [data] : []
      })
    })
}
