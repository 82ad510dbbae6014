/** What the sentences of one scenario share while it runs. */
import type { APIRequestContext, APIResponse, Page } from '@playwright/test'
import { appUrl, type Hosts } from './app-url.ts'
import { type Exchange, jsonOf } from './exchange.ts'
import type { Variables } from './variables.ts'

export interface RequestToSend {
  method: string
  /** A path or a URL; default: that of the last `Go To`. */
  url?: string | undefined
  /** JSON, or a text that is sent as it is. */
  body?: unknown
  /** Names and values of a form. */
  form?: Record<string, string> | undefined
}

const mostRedirects = 20

export class RunningScenario {
  readonly variables: Variables
  /** If any of its sentences works on a page. */
  readonly page: Page | undefined
  readonly #hosts: Hosts
  /** Sent with each request; the names in lower case. */
  readonly #headers: Record<string, string> = {}
  #base: string | undefined
  #exchange: Exchange | undefined
  #repeat: (() => Promise<void>) | undefined

  constructor(variables: Variables, hosts: Hosts, page: Page | undefined) {
    this.variables = variables
    this.#hosts = hosts
    this.page = page
  }

  /** The absolute URL that a path or a URL means here. Throws for a host that no request may go to. */
  url(given: string): string {
    return appUrl(given, this.#base, this.#hosts)
  }

  /** Makes a URL the one that the following sentences start from. */
  goTo(given: string): string {
    this.#base = this.url(given)
    return this.#base
  }

  /** Sends a header with each request that follows. */
  setHeader(name: string, value: string): void {
    this.#headers[name.toLowerCase()] = value
  }

  /** Sends a request and keeps the answer for the sentences that follow. */
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

  /** Sends the last request once more. */
  async repeat(): Promise<void> {
    await this.#repeat?.()
  }

  /** The last request and its answer. Throws if there is none. */
  get last(): Exchange {
    if (this.#exchange) return this.#exchange
    throw new Error('No request was sent yet: write one above this line, such as GET /users.')
  }

  /** As `last`, where it is no fault if there is none. */
  get lastIfAny(): Exchange | undefined {
    return this.#exchange
  }

  /** The JSON of the last response. Throws if it is none. */
  get json(): unknown {
    const value = jsonOf(this.last)
    if (value === undefined) throw new Error('The response holds no JSON.')
    return value
  }

  /** Step by step, since a redirect leads to other hosts as well as a URL does. */
  async #follow(
    request: APIRequestContext,
    response: APIResponse,
    options: object,
    left: number,
  ): Promise<APIResponse> {
    const { location } = response.headers()
    const status = response.status()
    if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return response
    if (left === 0) throw new Error(`The response leads on and on, after ${mostRedirects} redirects to ${location}.`)
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
