/** Rules that say what creates something, how to remove it, and how to find out whether it is there. */
import type { CleanupRule } from './environment.ts'

/** A rule that was read, and can be asked. */
export interface CleanupPlan {
  readonly create: string
  /** Whether a request is one that creates, with the values of its path; undefined if it is not. */
  fits(method: string, pathname: string): Values | undefined
  readonly remove: string
  readonly find: string | undefined
}

/** What the placeholders of a rule stand for: JSON. */
export type Values = Readonly<Record<string, unknown>>

const line = /^([A-Z]+) (\/\S*)$/
const placeholder = /\{([^{}]*)\}/g

/** Throws an error that names the rule, what is wrong with it, and what to write. */
export function parseCleanupRule({ create, remove, find }: CleanupRule): CleanupPlan {
  const fault = (name: string, text: string, what: string) =>
    new Error(`The cleanup rule for ${JSON.stringify(create)}: ${name} is ${JSON.stringify(text)}; ${what}`)
  const [, method, path = ''] = line.exec(create) ?? []
  if (method === undefined) throw fault('create', create, "write a method and a path, such as 'POST /orders'.")
  const names = [...path.matchAll(placeholder)].map(([, name = '']) => name)
  const odd = names.find((name, n) => !/^[A-Za-z_]\w*$/.test(name) || names.indexOf(name) < n)
  if (odd !== undefined) {
    throw fault('create', create, `{${odd}} names no segment of the path; write a name like {shop}, each once.`)
  }
  for (const [name, text, example] of [
    ['remove', remove, 'DELETE /orders/{body.id}'],
    ['find', find, 'GET /orders?ref={request.ref}'],
  ] as const) {
    if (text === undefined) continue
    if (!line.test(text)) throw fault(name, text, `write a method and a path, such as '${example}'.`)
    for (const [whole, inner = ''] of text.matchAll(placeholder)) {
      const [source, ...members] = inner.split('.')
      const isKnown = inner === 'token' || ((source === 'body' || source === 'request') && members.every(Boolean))
      const isOfPath = source === 'path' && members.length === 1 && names.includes(members[0] ?? '')
      if (!isKnown && !isOfPath) {
        throw fault(
          name,
          text,
          `${whole} stands for nothing. There are {body.NAME}, {request.NAME}, {token}, and {path.NAME} for a {NAME} of create.`,
        )
      }
      if (name === 'find' && source === 'body') {
        throw fault(name, text, `${whole} is not known yet when it is asked: the answer did not arrive.`)
      }
    }
  }
  if (find !== undefined && !find.startsWith('GET ')) throw fault('find', find, 'it only reads; write GET.')
  const pattern = new RegExp(
    `^${path
      .split(placeholder)
      .map((part, n) => (n % 2 === 0 ? part.replace(/[.*+?^$(){}[\]\\|]/g, '\\$&') : `(?<${part}>[^/]+)`))
      .join('')}$`,
  )
  return {
    create,
    remove,
    find,
    fits: (asked, pathname) => {
      const found = asked === method ? pattern.exec(pathname) : null
      if (!found) return undefined
      return Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, text]) => [name, decoded(text)]))
    },
  }
}

/**
 * Puts values in the place of `{source.member}`, encoded for a URL; placeholders of sources that are not given stay. Gives
 * the text and the values of the request in it, or undefined if a value is missing, or is no text, number or boolean.
 */
export function render(template: string, sources: Values): { text: string; values: string[] } | undefined {
  let isComplete = true
  const values: string[] = []
  const text = template.replace(placeholder, (whole, inner: string) => {
    const [source = '', ...members] = inner.split('.')
    if (!Object.hasOwn(sources, source)) return whole
    const value = members.reduce<unknown>(memberOf, sources[source])
    // A path with dots in the place of an identifier would lead elsewhere.
    if (!['string', 'number', 'boolean'].includes(typeof value) || /^\.{0,2}$/.test(String(value))) {
      isComplete = false
      return whole
    }
    if (source === 'request') values.push(String(value))
    return encodeURIComponent(String(value))
  })
  return isComplete ? { text, values } : undefined
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
