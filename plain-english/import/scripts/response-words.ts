/** Reads what Postman's own words assert of a response: `pm.response.to.be.ok`, `pm.response.to.have.header('ETag')`. */
import { type Assertion, type Comparison, constant, propertyClaim, type Subject } from './subject.ts'

/** Statuses that Postman has words for. */
const statusWords: Readonly<Record<string, number>> = {
  accepted: 202,
  badRequest: 400,
  unauthorized: 401,
  unauthorised: 401,
  forbidden: 403,
  notFound: 404,
  rateLimited: 429,
}

const responseMembers: ReadonlyMap<string, Subject> = new Map<string, Subject>([
  ['code', { kind: 'status' }],
  ['status', { kind: 'status text' }],
])

/** @param name The last word of the chain. @param second The second argument of its call. Undefined for an unknown word. */
export function responseAssertions(
  name: string,
  isNegated: boolean,
  value: Subject | undefined,
  second: Subject | undefined,
): { assertions: Assertion[]; next?: Subject } | undefined {
  const one = (subject: Subject, comparison: Comparison, given?: Subject) => ({
    assertions: [{ subject, comparison, isNegated, ...(given && { value: given }) }],
  })
  const code = statusWords[name]
  if (code !== undefined) return one({ kind: 'status' }, 'equals', constant(code))
  switch (name) {
    case 'status':
      return value?.kind === 'constant'
        ? one({ kind: typeof value.value === 'number' ? 'status' : 'status text' }, 'equals', value)
        : undefined
    case 'property': {
      const member = value?.kind === 'constant' ? responseMembers.get(String(value.value)) : undefined
      return member && second ? one(member, 'equals', second) : undefined
    }
    case 'ok':
    case 'success':
      return one({ kind: 'status' }, 'exists')
    case 'error':
      return isNegated
        ? { assertions: [{ subject: { kind: 'status' } as const, comparison: 'exists' as const, isNegated: false }] }
        : one({ kind: 'status' }, 'least', constant(400))
    case 'clientError':
      return isNegated
        ? undefined
        : {
            assertions: [
              { subject: { kind: 'status' } as const, comparison: 'least' as const, isNegated, value: constant(400) },
              { subject: { kind: 'status' } as const, comparison: 'below' as const, isNegated, value: constant(500) },
            ],
          }
    case 'serverError':
      return one({ kind: 'status' }, 'least', constant(500))
    case 'header': {
      if (value?.kind !== 'constant') return undefined
      const header: Subject = { kind: 'header', name: String(value.value) }
      return second ? one(header, 'equals', second) : one(header, 'exists')
    }
    case 'json':
      return one({ kind: 'header', name: 'Content-Type' }, 'contains', constant('json'))
    case 'jsonSchema':
      return value && !isNegated ? one({ kind: 'field', path: [] }, 'matches schema', value) : undefined
    case 'jsonBody':
      if (!value) return one({ kind: 'header', name: 'Content-Type' }, 'contains', constant('json'))
      if (value.kind === 'constant' && typeof value.value === 'string')
        return propertyClaim({ kind: 'field', path: [] }, isNegated, value, second)
      return one({ kind: 'field', path: [] }, 'equals', value)
    case 'body':
      return value
        ? one({ kind: 'text' }, 'equals', value)
        : {
            assertions: [
              { subject: { kind: 'text' } as const, comparison: 'is empty' as const, isNegated: !isNegated },
            ],
          }
    case 'withBody':
      return {
        assertions: [{ subject: { kind: 'text' } as const, comparison: 'is empty' as const, isNegated: !isNegated }],
      }
    case 'responseTime':
      return undefined
    default:
      return undefined
  }
}
