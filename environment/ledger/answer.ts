/** Decides from the response whether a request has created something: exactly what HTTP and the rules define, and no more. */

import type { ResolvedEnvironment } from '../resolve-environment.ts'
import type { Intent, Thing } from './entry.ts'
import { isOneBelow, losesText, resolveLocation, ruledLocation, unencoded } from './location.ts'
import { prefixesOf, trimmedEnd } from './path-pattern.ts'
import { memberAt } from './placeholders.ts'
import { namesSame } from './removal-options.ts'
import { type Route, routeOf } from './route.ts'
import { thingsOf } from './thing.ts'

/** The response to a request, or why there is none. `body` returns undefined or rejects if it cannot be read or is no JSON. */
export type RequestResult =
  | { status: number; headers: Readonly<Record<string, string>>; body: () => Promise<unknown> }
  /** The message of Playwright or of a browser. `isUnsent`: nothing of the request was sent. */
  | { error: string; isUnsent?: true }

export type Judgement =
  | { is: 'created'; things: Thing[] }
  | { is: 'never created' }
  /** The response looks like that to a creation, but no rule matches. */
  | Suspected
  | { is: 'unresolved'; reason: string }

interface Suspected {
  is: 'suspected'
  reason: string
  /** The presumed ones of what was created. */
  addresses: string[]
  /** It follows a login as well as a creation, as a redirect does: it is only reported, and is no possible leak. */
  isRemark?: true
}

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
  // By HTTP, a PUT that creates is answered with 201; otherwise its resource existed before, also where a rule names it.
  if (intent.method === 'PUT' && status < 300 && status !== 201) return { is: 'never created' }
  const request = new URL(target.reveal(intent.url))
  let isUnread = false
  const body = await answer.body().catch(() => {
    isUnread = /\bjson\b/i.test(headers['content-type'] ?? '')
  })
  const location = headers.location || undefined
  const place = location === undefined ? undefined : resolveLocation(location, request)
  const isBelowRequest =
    place !== undefined && location !== undefined && !losesText(location, body) && isOneBelow(place, request)
  // A redirect that repeats the request is judged by its own response; 304 means that the resource existed.
  if (status === 304 || status === 307 || status === 308) return { is: 'never created' }
  if (intent.rule) {
    const ruled = byRule(intent.rule, body, answer, request, target, isBelowRequest)
    // A PATCH changes what existed before, also where a rule takes it for a creation.
    const isOwn =
      intent.method === 'PATCH' && ruled.is === 'created' && ruled.things.some(thing => isAt(thing, request, target))
    if (isOwn && status !== 201) return { is: 'never created' }
    if (ruled.is === 'created' || status !== 201) return ruled
  }
  if (intent.lacking !== undefined && !(status === 201 && isBelowRequest)) {
    return { is: 'unresolved', reason: `its cleanup rule needs ${intent.lacking}, which the request does not have` }
  }
  if (status === 201) {
    const mayOverwrite = intent.method === 'POST' && isFromObjectStore(headers)
    if (isBelowRequest && !mayOverwrite) return created(target, place)
    const what = location === undefined ? 'no Location' : `the Location ${target.conceal(location)}`
    const doubt = isBelowRequest
      ? 'by a store of objects, in which an upload can replace an older object'
      : doubtOf(location, { body, place, request, target })
    const reason = `it was answered with 201 and ${what}, ${doubt}`
    const rule = ruleFor(intent, body, location, target)
    const limit =
      intent.method === 'PUT' || mayOverwrite
        ? ` only if the specs ${mayOverwrite ? 'upload' : 'put'} to names of their own (\`unique\`)`
        : ''
    const remedy = rule === undefined ? inSpec : `add a cleanup rule${limit}, such as ${rule}`
    return { is: 'unresolved', reason: `${reason}: nothing was removed; ${remedy}` }
  }
  if (intent.method !== 'POST') return { is: 'never created' }
  const isSuccess = status >= 200 && status < 300
  const ids = isSuccess ? idsIn(body) : undefined
  // Frameworks answer a form with 302 as well, and a gateway a request to another address of the same resource.
  const leads = status === 303 || (status === 302 && !isSameResource(place, request)) || (isSuccess && isBelowRequest)
  const isEntity = isSuccess && !leads && headers['odata-entityid'] !== undefined
  // As the browser drops it, when the page goes to another one.
  const isUnclear = isUnread && isSuccess && !leads && !isEntity && status !== 202
  if (status !== 202 && !ids && !leads && !isEntity && !isUnclear) return { is: 'never created' }
  const field = ids ? ` and the field ${fieldOf(ids)}` : isEntity ? ' and OData-EntityId' : ''
  const shown = leads ? (isSuccess ? ' and a Location' : '') : field
  const folder = request.href.replace(/[/?#]*$/, '')
  const isRemark = isUnclear || (leads && !isSuccess && !isBelowRequest)
  return {
    is: 'suspected',
    reason: `answered ${isUnclear ? `with ${status} and JSON that could not be read` : `like a creation, with ${status}${shown}`}; ${
      isRemark && !isUnclear
        ? remedyOfRedirect(intent, target)
        : remedyOf(ruleFor(intent, body, leads || isEntity ? location : undefined, target))
    }`,
    ...(isRemark && { isRemark }),
    addresses: ((leads || isEntity) && place
      ? [place.href]
      : (ids?.values ?? []).map(value => `${folder}/${encodeURIComponent(String(value))}`)
    ).map(target.conceal),
  }
}

/** Whether a thing is removed by a DELETE of the request's own address, of which a query can be a part. */
function isAt({ remove }: Thing, request: URL, target: ResolvedEnvironment): boolean {
  return remove.some(({ send }) => {
    const [method, address = ''] = send.split(' ')
    if (method !== 'DELETE') return false
    const place = new URL(target.reveal(address))
    return trimmedEnd(place.pathname) === trimmedEnd(request.pathname) && namesSame(place, request)
  })
}

/** Whether the response has a header of S3, of stores with its interface, or of Google Cloud Storage. */
function isFromObjectStore(headers: Readonly<Record<string, string>>): boolean {
  return ['x-amz-request-id', 'x-guploader-uploadid'].some(name => headers[name] !== undefined)
}

/** Whether a redirect leads to the request's own resource, at another origin or with another slash at the end. */
function isSameResource(place: URL | undefined, request: URL): boolean {
  const isEqual = place !== undefined && trimmedEnd(place.pathname) === trimmedEnd(request.pathname)
  return isEqual && (place.origin !== request.origin || place.pathname !== request.pathname)
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
  if (usesLocation && headers.location && losesText(headers.location, body)) {
    // The response to a form has no JSON.
    const remedy = `${status < 300 ? 'take the identifier from its body, as {body.id}, or ' : ''}add \`find\` to the rule`
    return unclear(
      `its Location ${target.conceal(headers.location)} ${unencoded}, so that nothing was removed; ${remedy}`,
    )
  }
  // A rejected form, or a login, is answered with a redirect too.
  if (status >= 300 && !(usesLocation && isBelowRequest)) {
    return unclear(
      `it was answered with ${status}, which does not confirm that it created what its cleanup rule removes`,
    )
  }
  const values: Record<string, unknown> = { body, header: headers }
  if (usesLocation) {
    if (!headers.location) return unclear('the response has no Location, which its cleanup rule needs')
    const { href, id, fault, isIdUnclear } = ruledLocation(headers.location, request, target, {
      body,
      mayHaveQuery: status === 201,
    })
    const needsAddress = JSON.stringify(rule).includes('{location}')
    if (fault !== undefined && (needsAddress || isIdUnclear)) {
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
  {
    body,
    place,
    request,
    target,
  }: { body: unknown; place: URL | undefined; request: URL; target: ResolvedEnvironment },
): string {
  if (location === undefined) return 'so that it is unknown what to remove'
  if (!place) return 'which is not a valid URL'
  if (losesText(location, body)) return `which ${unencoded}`
  if (!target.owns(place)) return `which is not an address of ${target.name}`
  return `which is not one segment below ${target.conceal(request.pathname)}, and may be the address of something that existed before`
}

function remedyOf(rule: string | undefined): string {
  return `if it creates, ${rule === undefined ? inSpec : `add this rule: ${rule}`}; if it only reads, add it to the environment's reads`
}

/** Of a redirect to another place, which shows neither whether anything was created, nor its address. */
function remedyOfRedirect({ method, url }: Intent, target: ResolvedEnvironment): string {
  const route = `${method} ${routeFor(url, target).create}`
  const rule = `{ create: '${route}', remove: 'DELETE .../{body.id}', find: 'GET ...?name={request.name}' }`
  return `if it only reads, such as a login, add '${route}' to the environment's reads; if it creates, ${inSpec}, or add a rule with find, such as ${rule}`
}

/** The remedy where no rule is known to be right. */
const inSpec = "remove it in the spec, with `await cleanup('DELETE ...')`"

/** A rule that would remove what the request has probably created; undefined if a rule may remove more than that. */
function ruleFor(
  { method, url }: Pick<Intent, 'method' | 'url'>,
  body: unknown,
  location: string | undefined,
  target: ResolvedEnvironment,
): string | undefined {
  const request = new URL(target.reveal(url))
  const { create, remove } = routeFor(url, target, method === 'PUT')
  const ids = idsIn(body)
  const place = location === undefined ? undefined : resolveLocation(location, request)
  const isOwn = place !== undefined && trimmedEnd(place.pathname) === trimmedEnd(request.pathname)
  if (method === 'PUT' && (location === undefined || isOwn)) {
    // A PUT names what it creates, unless its path is that of a collection or a query has the name.
    const isNamed = /\{path\.[^}]+\}$/.test(remove)
    if (isNamed && request.search === '') return `{ create: 'PUT ${create}', remove: 'DELETE ${remove}' }`
    if (isNamed || !ids) return undefined
  }
  const ruled =
    location === undefined ? undefined : ruledLocation(location, request, target, { body, mayHaveQuery: false })
  const isAddress =
    ruled?.fault === undefined &&
    ruled !== undefined &&
    (isOneBelow(new URL(ruled.href), request) ||
      isEntityOf(new URL(ruled.href), request) ||
      (ids?.values.length === 1 && String(ids.values[0]) === ruled.id))
  if (isAddress) return `{ create: '${method} ${create}', remove: 'DELETE {location}' }`
  if (ids?.list !== undefined) {
    const each = ['body', ids.list].filter(Boolean).join('.')
    return `{ create: '${method} ${create}', each: '${each}', remove: 'DELETE ${remove}/{each.${ids.name}}' }`
  }
  // Of an address further below, the last segment alone is that of something else.
  const own = `${trimmedEnd(request.pathname)}/`
  const path = trimmedEnd(place?.pathname ?? '')
  const isFarBelow = path.startsWith(own) && path.slice(own.length).includes('/')
  if (!ids && isFarBelow && !ruled?.isIdUnclear) return undefined
  const last = !ids && ruled?.id && !ruled.isIdUnclear ? '{location.id}' : `{body.${ids?.name ?? 'id'}}`
  return `{ create: '${method} ${create}', remove: 'DELETE ${remove}/${last}' }`
}

/** Whether an address has the form of OData: that of the collection with a key, as in `/Orders(7)`. */
function isEntityOf(place: URL, request: URL): boolean {
  const own = trimmedEnd(request.pathname)
  const isKeyed = place.pathname.startsWith(`${own}(`) && /^\([^/()]+\)$/.test(place.pathname.slice(own.length))
  return place.origin === request.origin && place.search === '' && isKeyed
}

/** The route of a request's path, relative to the base URL. */
function routeFor(url: string, target: ResolvedEnvironment, endsInName = false): Route {
  const request = new URL(target.reveal(url))
  const [prefix = ''] = prefixesOf(request, target.baseURL)
  return routeOf(target.conceal(trimmedEnd(request.pathname.slice(prefix.length))), endsInName)
}

/** The identifiers in a response. */
interface Ids {
  /** The path of the list whose elements have them; empty if the body itself is the list. */
  list?: string
  /** The path in the body, or in each element of the list: `id`, `data.order.id`. */
  name: string
  values: unknown[]
}

function fieldOf({ list, name }: Ids): string {
  return list === undefined ? name : [list, '0', name].filter(Boolean).join('.')
}

/** Those of the first member whose name is that of an identifier, at most three levels deep, also in a list. */
function idsIn(body: unknown): Ids | undefined {
  let level: { path: string; value: unknown; list?: string }[] = [{ path: '', value: body }]
  for (let depth = 0; depth < 3; depth++) {
    const members = level.flatMap(({ path, value, list }) => {
      if (!Array.isArray(value))
        return membersOf(value, path).map(member => ({ ...member, ...(list !== undefined && { list }) }))
      return list === undefined ? membersOf(value[0], '').map(member => ({ ...member, list: path })) : []
    })
    const found = members.find(({ path, value }) => isIdentifier(path.split('.').pop() ?? '', value))
    if (found) {
      const { path: name, list, value } = found
      const elements = list === undefined ? undefined : memberAt(body, list)
      if (list === undefined || !Array.isArray(elements)) return { name, values: [value] }
      return { list, name, values: elements.map(element => memberAt(element, name)) }
    }
    level = members
  }
  return undefined
}

function membersOf(value: unknown, path: string): { path: string; value: unknown }[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value)
    .slice(0, 50)
    .map(([name, member]) => ({ path: path === '' ? name : `${path}.${name}`, value: member }))
}

function isIdentifier(name: string, value: unknown): boolean {
  const isNamed =
    (/^_?id$|^[ug]uid$|[_-]id$/i.test(name) || /(?:[a-z0-9]I|[a-z]{3}i)d$|[a-z]ID$/.test(name)) &&
    !/^(valid|paid|invalid|unpaid|grid)$/.test(name)
  return isNamed && (typeof value === 'number' || (typeof value === 'string' && value !== ''))
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
