/** The state that the sentences of a scenario share while it runs: variables, headers, base URL, last response. */
import type { APIRequestContext, APIResponse, Page } from '@playwright/test'
import { isCredentialHeader } from '../../environment/secrets/redaction/credentials.ts'
import { textOf } from '../parse/template.ts'
import { addressIn, appUrl, type Hosts } from './app-url.ts'
import { dataIn, mediaTypeIn } from './body-data.ts'
import { OwnCookies } from './cookies.ts'
import { type DigestCredentials, digestAuthorization } from './digest.ts'
import { type Exchange, jsonOf } from './exchange.ts'
import { contentOf, contentType, type RequestContent, type SentContent, shownContent } from './request-content.ts'
import type { Variables } from './variables.ts'
import { withoutCallers } from './without-callers.ts'

export interface RequestToSend extends RequestContent {
  method: string
  /** A path or a URL; default: the URL of the last `Go To`. */
  url?: string | undefined
  /** Added to the query of the URL: a text or a list of texts for each name; null is left out. */
  query?: Readonly<Record<string, unknown>> | undefined
}

/** A header with the text for reports, in which secrets are recognized only as they are. */
export interface SentHeader {
  value: string
  shown: string
}

/** What a scenario runs in. */
interface ScenarioPlace {
  page: Page | undefined
  /** That of its file. */
  folder: string
  /** Removes secrets from a text. */
  hide: (text: string) => string
}

const mostRedirects = 20

export class RunningScenario {
  readonly variables: Variables
  /** Undefined if none of its sentences asks for a page. */
  readonly page: Page | undefined
  /** Those that no response has set. */
  readonly cookies = new OwnCookies()
  readonly #hosts: Hosts
  readonly #hide: (text: string) => string
  #folder: string
  /** Sent with each request; names are in lower case. `shown` is for reports. */
  readonly #headers = new Map<string, SentHeader>()
  #settings: ScenarioSettings = {
    base: undefined,
    followsRedirects: true,
    apiDescription: undefined,
    digest: undefined,
  }
  /** Of the next request only. */
  #query: Readonly<Record<string, unknown>> = {}
  #exchange: Exchange | undefined
  #repeat: (() => Promise<void>) | undefined

  constructor(variables: Variables, hosts: Hosts, { page, folder, hide }: ScenarioPlace) {
    this.variables = variables
    this.#hosts = hosts
    this.page = page
    this.#folder = folder
    this.#hide = hide
  }

  /** The folder of the file whose sentence is running, to which the paths of other files are relative. */
  get folder(): string {
    return this.#folder
  }

  /** Runs a sentence of a file in this folder. */
  async inFolder(folder: string, run: () => Promise<void>): Promise<void> {
    const outer = this.#folder
    this.#folder = folder
    try {
      await run()
    } finally {
      this.#folder = outer
    }
  }

  /** Resolves a path or a URL. Throws for a host that is not allowed. */
  url(given: string): string {
    return appUrl(given, this.#settings.base, this.#hosts)
  }

  /** Like `url`, for an address that nothing is sent to: other hosts are allowed. */
  addressOf(given: string): string {
    return addressIn(given, this.#settings.base, this.#hosts)
  }

  /** Sets the base URL for the following sentences. */
  goTo(given: string): string {
    const base = this.url(given)
    this.continueWith({ base })
    return base
  }

  /** Sends a header with each following request. @param shown For reports, in which secrets are recognized only as they are. */
  setHeader(name: string, value: string, shown: string = value): void {
    this.removeHeader(name)
    this.#headers.set(name.toLowerCase(), { value, shown })
  }

  /** Without Authorization, challenges of Digest authentication are not answered either. */
  removeHeader(name: string): void {
    this.#headers.delete(name.toLowerCase())
    if (name.toLowerCase() === 'authorization') this.continueWith({ digest: undefined })
  }

  /** Answers challenges of Digest authentication of each following request. */
  signInWithDigest(credentials: DigestCredentials): void {
    this.removeHeader('authorization')
    this.continueWith({ digest: credentials })
  }

  /** Sends a cookie to the app, or to the host of the last `Go To`, with each following request and page. */
  async setCookie(name: string, value: string): Promise<void> {
    const { hostname: domain } = new URL(this.url('/'))
    const flags = { expires: -1, httpOnly: false, secure: false, sameSite: 'Lax' as const }
    const cookie = { name, value, domain, path: '/', ...flags }
    this.cookies.set(cookie)
    await this.page?.context().addCookies([cookie])
  }

  /** Sends a cookie no more with requests and pages, until a response sets it again. @param name Undefined: all cookies. */
  async removeCookies(request: APIRequestContext, name?: string): Promise<void> {
    await this.cookies.remove(request, name)
    await this.page?.context().clearCookies(name === undefined ? {} : { name })
  }

  /** Gives the cookies of requests to the page, and those of the page to requests, so that one sign-in serves both. */
  async shareCookies(request: APIRequestContext): Promise<void> {
    const context = this.page?.context()
    if (!context) return
    const ofPage = await context.cookies()
    const { cookies } = await request.storageState()
    await context.addCookies([...this.cookies.withoutRemoved(cookies), ...this.cookies.all])
    for (const cookie of ofPage) this.cookies.set(cookie)
  }

  /** The headers that are sent with each following request. */
  get headers(): readonly (readonly [string, SentHeader])[] {
    return [...this.#headers]
  }

  /** Whether the following requests follow redirects. */
  followRedirects(follows: boolean): void {
    this.continueWith({ followsRedirects: follows })
  }

  /** Names the OpenAPI document for the following sentences. */
  nameApiDescription(where: string): void {
    this.continueWith({ apiDescription: { where, folder: this.#folder } })
  }

  /** Where the OpenAPI document is, if a sentence has named it. */
  get apiDescription(): ApiDescription | undefined {
    return this.#settings.apiDescription
  }

  get settings(): Readonly<ScenarioSettings> {
    return this.#settings
  }

  /** Changes settings of the following sentences. */
  continueWith(settings: Partial<ScenarioSettings>): void {
    this.#settings = { ...this.#settings, ...settings }
  }

  /** Adds to the query of the next request. */
  setQuery(query: Readonly<Record<string, unknown>>): void {
    this.#query = { ...this.#query, ...query }
  }

  /** Sends a request and keeps the response for the following sentences. */
  async send(request: APIRequestContext, asked: RequestToSend): Promise<Exchange> {
    const { method, url } = asked
    const { base, followsRedirects, digest } = this.#settings
    if (url === undefined && base === undefined) {
      throw new Error(`${method} needs a path, such as ${method} /users, or a Go To above it.`)
    }
    const target = withQuery(url === undefined ? String(base) : this.url(url), { ...this.#query, ...asked.query })
    this.#query = {}
    const headers = [...this.#headers].map(([name, { value }]) => [name, value] as const)
    const shown = Object.fromEntries([...this.#headers].map(([name, { shown }]) => [name, shown]))
    const content = contentOf(asked)
    const kind = this.#headers.has('content-type') ? {} : contentType(asked)
    const most = followsRedirects ? mostRedirects : 0
    this.#repeat = async () => {
      const options: RequestOptions = {
        method,
        headers: { ...Object.fromEntries(headers), ...kind },
        maxRedirects: 0,
        ...content,
      }
      const startedAt = performance.now()
      const { response, redirects } = await this.#follow(request, target, { options, most, digest })
      const text = await withoutCallers(() => response.text())
      const durationMs = performance.now() - startedAt
      const { data, fault } = await dataIn(mediaTypeIn(response.headers()), text)
      const sent = { method, url: target, headers: shown, body: shownContent(asked) }
      this.#exchange = { ...sent, redirects, response, text, data, dataFault: fault, durationMs }
    }
    this.#exchange = undefined
    await this.#repeat()
    return this.last
  }

  /** Sends the last request again. */
  async repeat(): Promise<void> {
    await this.#repeat?.()
  }

  /** The last request and its response. Throws if there is none. */
  get last(): Exchange {
    if (this.#exchange) return this.#exchange
    throw new Error('No request was sent yet: write one above this line, such as GET /users.')
  }

  /** Like `last`, but undefined if there is none. */
  get lastIfAny(): Exchange | undefined {
    return this.#exchange
  }

  /** The JSON of the last response, or its XML or CSV as such data. Throws if it is none of them. */
  get json(): unknown {
    const value = jsonOf(this.last)
    if (value !== undefined) return value
    const { dataFault } = this.last
    if (dataFault !== undefined) throw new Error(`The response cannot be read as data: ${dataFault}.`)
    throw new Error('The response is neither JSON, XML nor CSV.')
  }

  /** Follows at most this many redirects, one at a time, to check the host of each. */
  async #follow(
    request: APIRequestContext,
    first: string,
    {
      options: given,
      most,
      digest: ofFirst,
    }: { options: RequestOptions; most: number; digest: DigestCredentials | undefined },
  ): Promise<Followed> {
    const redirects: APIResponse[] = []
    let [url, options, digest] = [first, given, ofFirst]
    for (;;) {
      const response = await this.#signedIn(request, url, options, digest)
      const { location } = response.headers()
      const status = response.status()
      if (most === 0 || location === undefined || ![301, 302, 303, 307, 308].includes(status)) {
        return { response, redirects }
      }
      if (redirects.length === most) {
        throw new Error(`There were more than ${most} redirects; the next one is to ${location}.`)
      }
      redirects.push(response)
      url = appUrl(location, response.url(), this.#hosts)
      if (new URL(url).origin !== new URL(response.url()).origin) {
        const isCredential = (name: string, value: string) => isCredentialHeader(name) || this.#hide(value) !== value
        options = { ...options, headers: headersWithout(options.headers, isCredential) }
        digest = undefined
      }
      const isSame = status > 303 || options.method === 'GET' || (options.method !== 'POST' && status !== 303)
      const method = options.method === 'HEAD' ? 'HEAD' : 'GET'
      const isOfBody = (name: string) => name.startsWith('content-')
      if (!isSame) options = { method, headers: headersWithout(options.headers, isOfBody), maxRedirects: 0 }
    }
  }

  /** Sends a request, and once more with the answer if it is refused with a challenge of Digest authentication. */
  async #signedIn(
    request: APIRequestContext,
    url: string,
    options: RequestOptions,
    digest: DigestCredentials | undefined,
  ): Promise<APIResponse> {
    const response = await this.#fetch(request, url, options)
    if (!digest || response.status() !== 401) return response
    const challenge = response.headers()['www-authenticate'] ?? ''
    const authorization = digestAuthorization(digest, { method: options.method, url, challenge })
    if (authorization === undefined) return response
    return this.#fetch(request, url, { ...options, headers: { ...options.headers, authorization } })
  }

  /** Sends one request, with the cookies of the scenario. */
  async #fetch(request: APIRequestContext, url: string, options: RequestOptions): Promise<APIResponse> {
    const cookie = options.headers.cookie === undefined ? await this.cookies.headerFor(url, request) : undefined
    const headers = cookie === undefined ? options.headers : { ...options.headers, cookie }
    const response = await withoutCallers(() => request.fetch(url, { ...options, headers }))
    this.cookies.forgetThoseOf(response)
    return response
  }
}

interface RequestOptions extends SentContent {
  method: string
  headers: Record<string, string>
  maxRedirects: 0
}

/** What `Go To`, `Do Not Follow Redirects`, `Sign In With Digest` and `The API Description Is` set for the following sentences. */
export interface ScenarioSettings {
  base: string | undefined
  followsRedirects: boolean
  digest: DigestCredentials | undefined
  apiDescription: ApiDescription | undefined
}

/** A path of the app, a URL, or a file and the folder that its path is relative to. */
export interface ApiDescription {
  where: string
  folder: string
}

interface Followed {
  response: APIResponse
  redirects: readonly APIResponse[]
}

/** @param isLeftOut Takes a name in lower case. */
function headersWithout(
  headers: Record<string, string>,
  isLeftOut: (name: string, value: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name, value]) => !isLeftOut(name, value)))
}

function withQuery(url: string, query: Readonly<Record<string, unknown>>): string {
  const target = new URL(url)
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== null) target.searchParams.append(name, textOf(one))
  }
  return target.href
}
