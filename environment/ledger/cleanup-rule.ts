/** Parses the rules for what creates something, how to remove it, and how to find out whether it exists. */
import type { CleanupRule, GoneWhen, RemovalRequest } from '../environment.ts'
import { pathPattern } from './path-pattern.ts'
import { holdsTexts, placeholdersOf, type Values } from './placeholders.ts'

/** A parsed rule. */
export interface CleanupPlan {
  readonly create: string
  /** As of `ruleName`. */
  readonly name: string
  /** Returns the values of the path if the rule matches the request; else undefined. */
  fits(method: string, url: URL, baseURL: string, body: () => unknown): Values | undefined
  readonly remove: readonly RemovalRequest[]
  /** Without `body.`; empty if the body itself is the list. */
  readonly each: string | undefined
  readonly gone: GoneWhen | undefined
  readonly find: string | undefined
}

/** Names a rule for the author: `'POST /graphql' when {"request.operationName":"addUser"}`. */
export function ruleName({ create, when }: Pick<CleanupRule, 'create' | 'when'>): string {
  return `'${create}'${when === undefined ? '' : ` when ${JSON.stringify(when)}`}`
}

const line = /^([A-Z]+) (\S+)$/
const written =
  '{body.NAME}, {request.NAME}, {header.NAME}, {location}, {location.id}, {token}, {path.NAME} for a {NAME} of create, and {each.NAME} where the rule has each'

/** Throws an error with the rule, the fault and an example. */
export function parseCleanupRule(rule: CleanupRule): CleanupPlan {
  const { create, each, gone, find } = rule
  const fault = (name: string, value: unknown, what: string) =>
    new Error(`The cleanup rule for ${JSON.stringify(create)}: ${name} is ${JSON.stringify(value)}; ${what}`)
  const { method, path } = split('create', create, 'POST /orders')
  const pattern = attempt(() => pathPattern(path), 'create', create)
  const remove = [rule.remove].flat().map(step => (typeof step === 'string' ? { send: step } : step))
  if (remove.length === 0) throw fault('remove', rule.remove, `write a request, such as 'DELETE /orders/{body.id}'.`)
  for (const { send, headers = {}, body, form } of remove) {
    split('remove', send, 'DELETE /orders/{body.id}')
    check('remove', send)
    for (const [name, value] of Object.entries(headers)) {
      check('remove', value)
      if (/^(authorization|cookie|.*(token|key|secret).*)$/i.test(name) && placeholdersOf(value).length > 0) {
        throw fault(
          'remove',
          `${name}: ${value}`,
          "it would be stored in the ledger; the removal is sent with the request's own headers anyway.",
        )
      }
    }
    if (body !== undefined && form !== undefined)
      throw fault('remove', send, 'a request has a body or a form, not both.')
  }
  if (each !== undefined && !/^body(\.|\[|$)/.test(each)) {
    throw fault('each', each, `name a list in the response, such as 'body.items', or 'body' if the response is a list.`)
  }
  if (gone?.get !== undefined) {
    if (split('gone.get', gone.get, 'GET /orders/{body.id}').method !== 'GET') {
      throw fault('gone.get', gone.get, 'it only reads; write GET.')
    }
    check('gone.get', gone.get)
  }
  if (gone && gone.get === undefined && !remove.some(({ send }) => send.startsWith('DELETE '))) {
    throw fault('gone', gone, 'without a DELETE it needs `get`, such as GET /orders/{body.id}.')
  }
  if (find !== undefined) {
    if (split('find', find, 'GET /orders?ref={request.ref}').method !== 'GET') {
      throw fault('find', find, 'it only reads; write GET.')
    }
    check('find', find)
    const late = placeholdersOf(find).find(inner => /^(body|header|location|each)\b/.test(inner))
    if (late !== undefined) {
      throw fault('find', find, `{${late}} is not known when this is sent: the response did not arrive.`)
    }
    if (!placeholdersOf(find).some(inner => inner === 'token' || inner.startsWith('request'))) {
      throw fault(
        'find',
        find,
        'it would find what others have created; name a value of the request, such as {request.ref}, or {token}.',
      )
    }
  }
  return {
    create,
    name: ruleName(rule),
    fits: (asked, url, baseURL, body) => {
      const path = asked === method ? pattern.match(url, baseURL) : undefined
      return path && (rule.when === undefined || holdsTexts(body(), rule.when)) ? path : undefined
    },
    remove,
    each: each?.replace(/^body\.?/, ''),
    gone,
    find,
  }

  function split(name: string, text: string, example: string): { method: string; path: string } {
    const [, method, path] = line.exec(text) ?? []
    if (method === undefined || path === undefined || /^https?:\/\/(?![^/]+\/)/.test(path)) {
      throw fault(name, text, `write a method and a path, such as '${example}'.`)
    }
    return { method, path }
  }

  function attempt<T>(what: () => T, name: string, text: string): T {
    try {
      return what()
    } catch (error) {
      throw fault(name, text, (error as Error).message)
    }
  }

  /** Checks the placeholders. */
  function check(name: string, text: string): void {
    for (const inner of placeholdersOf(text)) {
      const [source = '', ...members] = inner.split('.')
      const isKnown =
        inner === 'token' ||
        inner === 'location' ||
        inner === 'location.id' ||
        (source === 'each' && each !== undefined && members.every(Boolean)) ||
        (/^(body|request)(\[\d+\])*$/.test(source) && members.every(Boolean)) ||
        (source === 'header' && members.length === 1 && Boolean(members[0])) ||
        (source === 'path' && members.length === 1 && pattern.names.includes(members[0] ?? ''))
      if (!isKnown) throw fault(name, text, `{${inner}} is not a placeholder. The placeholders are ${written}.`)
    }
    if (/\S+ .+\{location\}/.test(text)) {
      throw fault(
        name,
        text,
        '{location} is a complete URL and has to be at the beginning; its last segment is {location.id}.',
      )
    }
  }
}
