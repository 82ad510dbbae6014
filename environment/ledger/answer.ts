/** Decides from the response whether a request has created something: exactly what HTTP and the rules define, and no more. */

import type { ResolvedEnvironment } from '../resolve-environment.ts'
import type { Intent, Thing } from './entry.ts'
import { isOneBelow, resolveLocation, ruledLocation } from './location.ts'
import { prefixesOf } from './path-pattern.ts'
import { memberAt } from './placeholders.ts'
import { routeOf } from './route.ts'
import { thingsOf } from './thing.ts'

/** The response to a request, or why there is none. */
export type RequestResult =
  | { status: number; headers: Readonly<Record<string, string>>; body: () => Promise<unknown> }
  /** The message of Playwright or of a browser. `isUnsent`: nothing of the request was sent. */
  | { error: string; isUnsent?: true }

export type Judgement =
  | { is: 'created'; things: Thing[] }
  | { is: 'never created' }
  /** The response looks like that to a creation, but no rule matches. `address`: the presumed address of what was created. */
  | { is: 'suspected'; reason: string; address: string }
  | { is: 'unresolved'; reason: string }

/** `intent.rule` is the matching rule, if there is one. */
export async function judge(intent: Intent, answer: RequestResult, target: ResolvedEnvironment): Promise<Judgement> {
  if ('error' in answer) {
    return answer.isUnsent || wasNotSent(answer.error)
      ? { is: 'never created' }
      : { is: 'unresolved', reason: answer.error }
  }
  const { status, headers } = answer
  if (status >= 400 && status < 500) return { is: 'never created' }
  if (status >= 500) return { is: 'unresolved', reason: `it was answered with ${status}` }
  const request = new URL(target.reveal(intent.url))
  const body = await answer.body().catch(() => undefined)
  const location = headers.location || undefined
  const place = location === undefined ? undefined : resolveLocation(location, request)
  const isBelowRequest = place !== undefined && isOneBelow(place, request)
  // A redirect that repeats the request is judged by its own response; 304 means that the resource existed.
  if (status === 304 || status === 307 || status === 308) return { is: 'never created' }
  if (intent.rule) {
    const ruled = byRule(intent.rule, body, answer, request, target, isBelowRequest)
    if (ruled.is === 'created' || status !== 201) return ruled
  }
  if (intent.lacking !== undefined && !(status === 201 && isBelowRequest)) {
    return { is: 'unresolved', reason: `its cleanup rule needs ${intent.lacking}, which the request does not have` }
  }
  if (status === 201) {
    if (isBelowRequest) return created(target, place)
    if (location === undefined && intent.method === 'PUT' && isOfOneThing(request, target))
      return created(target, request)
    const what = location === undefined ? 'no Location' : `the Location ${target.conceal(location)}`
    const reason = `it was answered with 201 and ${what}, ${doubtOf(location, place, request, target)}`
    const rule = ruleFor(intent, body, location, target)
    return { is: 'unresolved', reason: `${reason}: nothing was removed; add a cleanup rule, such as ${rule}` }
  }
  if (intent.method !== 'POST') return { is: 'never created' }
  const id = status >= 200 && status < 300 ? idPathIn(body) : undefined
  const leads = status === 303 || (status === 302 && isBelowRequest)
  if (status !== 202 && id === undefined && !leads) return { is: 'never created' }
  const what = leads ? `${status}` : id === undefined ? '202' : `${status} and the field ${id}`
  const rule = ruleFor(intent, body, leads ? location : undefined, target)
  return {
    is: 'suspected',
    reason: `answered like a creation, with ${what}; if it creates, add this rule: ${rule}; if it only reads, add it to the environment's reads`,
    address: target.conceal(
      leads && place
        ? place.href
        : `${request.href.replace(/[/?#]*$/, '')}/${encodeURIComponent(String(memberAt(body, id ?? '')))}`,
    ),
  }
}

function created(target: ResolvedEnvironment, place: URL): Judgement {
  return { is: 'created', things: [{ remove: [{ send: `DELETE ${target.conceal(place.href)}` }] }] }
}

function byRule(
  rule: NonNullable<Intent['rule']>,
  body: unknown,
  { status, headers }: { status: number; headers: Readonly<Record<string, string>> },
  request: URL,
  target: ResolvedEnvironment,
  isBelowRequest: boolean,
): Judgement {
  const unclear = (reason: string): Judgement => ({ is: 'unresolved', reason })
  const usesLocation = JSON.stringify(rule).includes('{location')
  // A rejected form, or a login, is answered with a redirect too.
  if (status >= 300 && !(usesLocation && isBelowRequest)) {
    return unclear(
      `it was answered with ${status}, which does not confirm that it created what its cleanup rule removes`,
    )
  }
  const values: Record<string, unknown> = { body, header: headers }
  if (usesLocation) {
    if (!headers.location) return unclear('the response has no Location, which its cleanup rule needs')
    const { href, id, fault, isAbove } = ruledLocation(headers.location, request, target, status === 201)
    const needsAddress = JSON.stringify(rule).includes('{location}')
    if (fault !== undefined && (needsAddress || isAbove)) {
      return unclear(`its Location ${target.conceal(headers.location)} ${fault}, so that nothing was removed`)
    }
    values.location = { href, id }
  }
  const things = thingsOf(rule, values, headers, target.conceal)
  if (things === 'no list')
    return unclear(`the response has no list at body.${rule.each}, which its cleanup rule needs`)
  if (things !== 'no value') return { is: 'created', things }
  return unclear(
    `the response lacks a value that its cleanup rule needs for ${rule.remove.map(({ send }) => send).join(' and ')}`,
  )
}

/** Why it is unknown what to remove, as the end of a sentence. */
function doubtOf(
  location: string | undefined,
  place: URL | undefined,
  request: URL,
  target: ResolvedEnvironment,
): string {
  if (location === undefined) return 'so that it is unknown what to remove'
  if (!place) return 'which is not a valid URL'
  if (!target.owns(place)) return `which is not an address of ${target.name}`
  return `which is not one segment below ${target.conceal(request.pathname)}, and may be the address of something that existed before`
}

/** A rule that would remove what the request has probably created. */
function ruleFor(
  { method, url }: Pick<Intent, 'method' | 'url'>,
  body: unknown,
  location: string | undefined,
  target: ResolvedEnvironment,
): string {
  const request = new URL(target.reveal(url))
  const [prefix = ''] = prefixesOf(request, target.baseURL)
  const { create, remove } = routeOf(target.conceal(request.pathname.slice(prefix.length).replace(/\/+$/, '')))
  const ruled = location === undefined ? undefined : ruledLocation(location, request, target, false)
  const id = idPathIn(body)
  const isAddress =
    ruled?.fault === undefined &&
    ruled !== undefined &&
    (isOneBelow(new URL(ruled.href), request) || (id !== undefined && String(memberAt(body, id)) === ruled.id))
  const last = id === undefined && ruled?.id && !ruled.isAbove ? '{location.id}' : `{body.${id ?? 'id'}}`
  return `{ create: '${method} ${create}', remove: 'DELETE ${isAddress ? '{location}' : `${remove}/${last}`}' }`
}

/** The path of the first value in a response whose name is that of an identifier, at most three levels deep: `id`, `data.order.id`. */
function idPathIn(body: unknown): string | undefined {
  let level: [string, unknown][] = [['', body]]
  for (let depth = 0; depth < 3; depth++) {
    const members = level.flatMap(([path, value]) =>
      typeof value === 'object' && value !== null && (!Array.isArray(value) || depth === 0)
        ? Object.entries(value)
            .slice(0, 50)
            .map(([name, member]): [string, unknown] => [path === '' ? name : `${path}.${name}`, member])
        : [],
    )
    const found = members.find(([path, value]) => isIdentifier(path.split('.').pop() ?? '', value))
    if (found) return found[0]
    level = members
  }
  return undefined
}

function isIdentifier(name: string, value: unknown): boolean {
  const isNamed =
    (/^_?id$|^[ug]uid$/i.test(name) || /(?:[a-z0-9]I|_i|[a-z]{3}i)d$|[a-z]ID$/.test(name)) &&
    !/^(valid|paid|invalid|unpaid|grid)$/.test(name)
  return isNamed && (typeof value === 'number' || (typeof value === 'string' && value !== ''))
}

/** Whether a PUT to this address can have created one thing, and not a whole collection. */
function isOfOneThing(request: URL, target: ResolvedEnvironment): boolean {
  const base = new URL(target.baseURL).pathname
  return request.search === '' && !`${base}/`.startsWith(`${request.pathname.replace(/\/+$/, '')}/`)
}

/** Whether the request failed before any of it was sent: no connection, or no trusted one. */
function wasNotSent(error: string): boolean {
  return notSent.some(pattern => pattern.test(error))
}

const notSent = [
  /\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)\b/,
  // Node's messages for a certificate that is not trusted.
  /\b(self[- ]signed certificate|unable to (verify the first certificate|get (local )?issuer certificate)|certificate has expired|certificate is not yet valid)\b/,
  /Hostname\/IP does not match certificate's altnames/,
  /net::ERR_(CONNECTION_REFUSED|NAME_NOT_RESOLVED|ADDRESS_UNREACHABLE|INTERNET_DISCONNECTED|CERT_\w+|BLOCKED_BY_CLIENT)/,
]
