// Validates the input of requests against a schema before it is used.
import type { z } from 'zod'
import { type Fault, Problem } from './problem.ts'

/** The parsed body. Throws a 422 with a pointer to each fault. */
export function validBody<T>(schema: z.ZodType<T>, body: unknown): T {
  return valid(schema, body, 422, (path, detail) => ({ pointer: pointer(path), detail }))
}

/** The parsed query. Throws a 400 with the name of each invalid parameter. */
export function validQuery<T>(schema: z.ZodType<T>, query: unknown): T {
  return valid(schema, query, 400, (path, detail) => ({ parameter: path.join('.'), detail }))
}

/** The problem of a well-formed request with these faults. */
export function invalidRequest(status: number, errors: Fault[]): Problem {
  return new Problem(status, {
    type: 'urn:problem-type:invalid-request',
    title: 'Invalid request',
    detail: 'The request is well-formed but not valid: see errors.',
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
  // zod reports all unknown members at their parent: point at each instead.
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => fault([...issue.path, key], 'Unknown member.'))
  }
  return [fault(issue.path, issue.message)]
}

/** RFC 6901, in the URI fragment form that RFC 9457 uses. */
function pointer(path: PropertyKey[]): string {
  const steps = path.map(step => String(step).replaceAll('~', '~0').replaceAll('/', '~1'))
  return `#${steps.map(step => `/${encodeURIComponent(step)}`).join('')}`
}
