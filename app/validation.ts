// What comes from outside is checked against a schema before anything else sees it.
import type { z } from 'zod'
import { type Fault, Problem } from './problem.ts'

/** The body as the schema gives it back. Throws a 422 that points at each fault. */
export function validBody<T>(schema: z.ZodType<T>, body: unknown): T {
  return valid(schema, body, 422, (path, detail) => ({ pointer: pointer(path), detail }))
}

/** The query as the schema gives it back. Throws a 400 that names each faulty parameter. */
export function validQuery<T>(schema: z.ZodType<T>, query: unknown): T {
  return valid(schema, query, 400, (path, detail) => ({ parameter: path.join('.'), detail }))
}

/** The problem of a request that is well-formed, but faulty in each of these places. */
export function invalidRequest(status: number, errors: Fault[]): Problem {
  return new Problem(status, {
    type: 'urn:problem-type:invalid-request',
    title: 'Invalid request',
    detail: 'The request is understood but not valid: see errors.',
    errors,
  })
}

function valid<T>(schema: z.ZodType<T>, value: unknown, status: number, fault: FaultAt): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw invalidRequest(
    status,
    result.error.issues.flatMap(issue => faults(issue, fault)),
  )
}

type FaultAt = (path: PropertyKey[], detail: string) => Fault

function faults(issue: z.core.$ZodIssue, fault: FaultAt): Fault[] {
  // Unknown members are reported by their parent, all at once: point at each instead.
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => fault([...issue.path, key], 'There is no such member.'))
  }
  return [fault(issue.path, issue.message)]
}

/** RFC 6901, in the URI fragment form that RFC 9457 uses. */
function pointer(path: PropertyKey[]): string {
  const steps = path.map(step => String(step).replaceAll('~', '~0').replaceAll('/', '~1'))
  return `#${steps.map(step => `/${encodeURIComponent(step)}`).join('')}`
}
