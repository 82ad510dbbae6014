/** The state that the sentences of a scenario share while it runs: variables, headers, base URL, last response. */
import type { APIRequestContext, APIResponse, Page } from '@playwright/test'
import { appUrl, type Hosts } from './app-url.ts'
import { type Exchange, jsonOf } from './exchange.ts'
import type { Variables } from './variables.ts'

export interface RequestToSend {
  method: string
  /** A path or a URL; default: the URL of the last `Go To`. */
  url?: string | undefined
  /** JSON, or a text that is sent unchanged. */
  body?: unknown
  /** The fields of a form. */
  form?: Record<string, string> | undefined
}

const mostRedirects = 20

export class RunningScenario {
  readonly variables: Variables
  /** Undefined if none of its sentences asks for a page. */
  readonly page: Page | undefined
  readonly #hosts: Hosts
  /** Sent with each request; names are in lower case. */
  readonly #headers: Record<string, string> = {}
  #base: string | undefined
  #exchange: Exchange | undefined
  #repeat: (() => Promise<void>) | undefined

  constructor(variables: Variables, hosts: Hosts, page: Page | undefined) {
    this.variables = variables
    this.#hosts = hosts
    this.page = page
  }

  /** Resolves a path or a URL. Throws for a host that is not allowed. */
  url(given: string): string {
    return appUrl(given, this.#base, this.#hosts)
  }

  /** Sets the base URL for the following sentences. */
  goTo(given: string): string {
    this.#base = this.url(given)
    return this.#base
  }

  /** Sends a header with each following request. */
  setHeader(name: string, value: string): void {
    this.#headers[name.toLowerCase()] = value
  }

  /** Sends a request and keeps the response for the following sentences. */
  async send(request: APIRequestContext, { method, url, body, form }: RequestToSend): Promise<Exchange> {
    if (url === undefined && this.#base === undefined) {
      throw new Error(`${method} needs a path, such as ${method} /users, or a Go To above it.`)
    }
    const target = url === undefined ? String(this.#base) : this.url(url)
    const headers = { ...this.#headers }
    this.#repeat = async () => {
      const content = form ? { form } : body === undefined ? {} : { data: body }
      const kind = contentType(body, headers)
      const options = { method, headers: { ...headers, ...kind }, maxRedirects: 0, ...content }
      const startedAt = performance.now()
      const response = await this.#follow(request, await request.fetch(target, options), options, mostRedirects)
      const text = await response.text()
      const durationMs = performance.now() - startedAt
      this.#exchange = { method, url: target, headers, body: form ?? body, response, text, durationMs }
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

  /** The JSON of the last response. Throws if it is not JSON. */
  get json(): unknown {
    const value = jsonOf(this.last)
    if (value === undefined) throw new Error('The response is not JSON.')
    return value
  }

  /** Follows redirects one at a time, to check the host of each. */
  async #follow(
    request: APIRequestContext,
    response: APIResponse,
    options: object,
    left: number,
  ): Promise<APIResponse> {
    const { location } = response.headers()
    const status = response.status()
    if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return response
    if (left === 0) throw new Error(`There were more than ${mostRedirects} redirects; the next one is to ${location}.`)
    const next = appUrl(location, response.url(), this.#hosts)
    const { method, data: _data, form: _form, ...rest } = options as Record<string, unknown>
    const isSame = status > 303 || method === 'GET' || (method !== 'POST' && status !== 303)
    const again = isSame ? options : { ...rest, method: 'GET' }
    return this.#follow(request, await request.fetch(next, again), again, left - 1)
  }
}

function contentType(body: unknown, headers: Readonly<Record<string, string>>): Record<string, string> {
  if (body === undefined || headers['content-type'] !== undefined) return {}
  return { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' }
}
