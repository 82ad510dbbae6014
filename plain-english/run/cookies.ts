/** Reads the cookies that responses set, and sends those of the scenario: with what it has set itself, without what it has removed. */
import type { APIRequestContext, APIResponse } from '@playwright/test'

export interface ResponseCookie {
  name: string
  value: string
  /** By name in lower case, such as `path` and `httponly`; an attribute without a value is the empty text. */
  attributes: ReadonlyMap<string, string>
}

/** The cookies of all Set-Cookie headers, in order. */
export function cookiesOf(responses: readonly APIResponse[]): ResponseCookie[] {
  const headers = responses.flatMap(response => response.headersArray())
  return headers.filter(({ name }) => name.toLowerCase() === 'set-cookie').map(({ value }) => readCookie(value))
}

function readCookie(text: string): ResponseCookie {
  const [cookie, ...attributes] = text.split(';').map(part => {
    const [name = '', ...value] = part.split('=')
    return [name.trim(), value.join('=').trim()] as const
  })
  const lower = attributes.map(([name, value]) => [name.toLowerCase(), value] as const)
  return { name: cookie?.[0] ?? '', value: cookie?.[1] ?? '', attributes: new Map(lower) }
}

export type ContextCookie = Awaited<ReturnType<APIRequestContext['storageState']>>['cookies'][number]

/**
 * How the cookies of a scenario differ from those of its request context: cookies that no response has set, by `Set Cookie` or
 * a sign-in that is reused, and cookies that were removed. A request context has no function that removes one.
 */
export class OwnCookies {
  readonly #cookies = new Map<string, ContextCookie>()
  readonly #removed = new Map<string, ContextCookie>()

  get all(): ContextCookie[] {
    return [...this.#cookies.values()]
  }

  get #isEmpty(): boolean {
    return this.#cookies.size === 0 && this.#removed.size === 0
  }

  set(cookie: ContextCookie): void {
    this.#cookies.set(keyOf(cookie), cookie)
  }

  /** Sends a cookie no more, until a response sets it again. @param name Undefined: all cookies. */
  async remove(request: APIRequestContext, name?: string): Promise<void> {
    const isMeant = (cookie: ContextCookie) => name === undefined || cookie.name === name
    for (const [key, cookie] of this.#cookies) if (isMeant(cookie)) this.#cookies.delete(key)
    const { cookies } = await request.storageState()
    for (const cookie of cookies) if (isMeant(cookie)) this.#removed.set(keyOf(cookie), cookie)
  }

  /** Those of a request context without the removed ones. */
  withoutRemoved(cookies: readonly ContextCookie[]): ContextCookie[] {
    return cookies.filter(cookie => !this.#removed.has(keyOf(cookie)))
  }

  /** The header for a request, with the cookies of its context; undefined if the context sends its own by itself. */
  async headerFor(url: string, request: APIRequestContext): Promise<string | undefined> {
    if (this.#isEmpty) return undefined
    const target = new URL(url)
    const own = this.all.filter(cookie => isSentTo(cookie, target))
    const isAnyRemoved = [...this.#removed.values()].some(cookie => isSentTo(cookie, target))
    if (own.length === 0 && !isAnyRemoved) return undefined
    const { cookies } = await request.storageState()
    const all = [...this.withoutRemoved(cookies).filter(cookie => isSentTo(cookie, target)), ...own]
    return [...new Map(all.map(({ name, value }) => [name, value]))].map(pair => pair.join('=')).join('; ')
  }

  /** A cookie that a response sets or removes is from then on that of the context. */
  forgetThoseOf(response: APIResponse): void {
    if (this.#isEmpty) return
    const set = cookiesOf([response])
    const target = new URL(response.url())
    for (const known of [this.#cookies, this.#removed]) {
      for (const [key, cookie] of known) if (set.some(one => isSetBy(one, cookie, target))) known.delete(key)
    }
  }
}

function keyOf({ domain, path, name }: ContextCookie): string {
  return `${domain} ${path} ${name}`
}

/** Whether a response from this URL sets a cookie that is known. Its path need not be that of the response. */
function isSetBy({ name, attributes }: ResponseCookie, cookie: ContextCookie, target: URL): boolean {
  if (name !== cookie.name) return false
  const path = attributes.get('path')
  if (!path?.startsWith('/')) return isSentTo(cookie, target)
  return path === cookie.path && isSentTo({ ...cookie, path: '/' }, target)
}

/** Playwright writes the domain of a cookie without the attribute Domain without a dot before it. */
function isSentTo({ domain, path, secure }: ContextCookie, { hostname, pathname, protocol }: URL): boolean {
  const isDomain = domain.startsWith('.') ? `.${hostname}`.endsWith(domain) : hostname === domain
  const isPath = path === '/' || pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
  return isDomain && isPath && (!secure || protocol === 'https:' || hostname === 'localhost')
}
