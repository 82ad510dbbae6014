/** Recognizes requests that only read although their method is not GET: `POST /login`, `POST /graphql query`. */
import { type DocumentNode, Kind, type OperationDefinitionNode, parse } from 'graphql/language/index.js'
import type { ReadRule } from '../environment.ts'
import { pathPattern } from './path-pattern.ts'
import { holdsTexts, memberAt } from './placeholders.ts'

export interface ReadPlan {
  /** @param body The request's parsed JSON or form. */
  fits(method: string, url: URL, baseURL: string, body: () => unknown): boolean
}

const line = /^([A-Z]+) (\S+?)(?: (query))?$/

/** Throws an error with the rule, the fault and an example. */
export function parseRead(rule: string | ReadRule): ReadPlan {
  const { send: text, when } = typeof rule === 'string' ? { send: rule } : rule
  const [, method, path = '', document] = line.exec(text) ?? []
  const fault = (what: string) => new Error(`reads has ${JSON.stringify(text)}; ${what}`)
  if (method === undefined || /^https?:/.test(path)) {
    throw fault("write a method and a path, such as 'POST /search', and for GraphQL 'POST /graphql query'.")
  }
  if (method === 'DELETE') throw fault('a DELETE is not a read.')
  let pattern: ReturnType<typeof pathPattern>
  try {
    pattern = pathPattern(path)
  } catch (error) {
    throw fault((error as Error).message)
  }
  return {
    fits: (asked, url, baseURL, body) =>
      asked === method &&
      pattern.match(url, baseURL) !== undefined &&
      // Servers may prefer the document in the URL.
      (document === undefined || (isGraphqlQuery(body()) && !url.searchParams.has('query'))) &&
      (when === undefined || (holdsTexts(body(), when) && haveSameNames(body(), when))),
  }
}

/** Whether members that are one name end with the text: `orders.list.purge` is another operation than `orders.list`. */
function haveSameNames(body: unknown, when: Readonly<Record<string, string>>): boolean {
  return Object.entries(when).every(([path, text]) => {
    const member = String(memberAt(body, path))
    return member.endsWith(text) || !/^[^\s{}()]+$/.test(member)
  })
}

/**
 * Whether the operation of a GraphQL request, or of each in a batch, is not a mutation. False for a request without its
 * document, such as a persisted query, since its operation is unknown.
 */
export function isGraphqlQuery(body: unknown): boolean {
  if (Array.isArray(body)) return body.length > 0 && body.every(isGraphqlQuery)
  if (typeof body !== 'object' || body === null) return false
  const { query, operationName } = body as { query?: unknown; operationName?: unknown }
  if (typeof query !== 'string') return false
  let document: DocumentNode
  try {
    document = parse(query, { noLocation: true })
  } catch {
    return false
  }
  const operations = document.definitions.filter(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  )
  const chosen =
    typeof operationName === 'string' && operationName !== ''
      ? operations.filter(({ name }) => name?.value === operationName)
      : operations
  return chosen.length === 1 && chosen[0]?.operation !== 'mutation'
}
