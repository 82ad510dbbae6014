/** A request and its response, for assertions and for the message of a failure. */
import type { APIResponse } from '@playwright/test'

export interface Exchange {
  method: string
  url: string
  /** The request headers that the scenario has set, as reports may show them. */
  headers: Readonly<Record<string, string>>
  /** The request body as written; undefined for none. */
  body: unknown
  /** The redirects that were followed, in order. */
  redirects: readonly APIResponse[]
  response: APIResponse
  /** The response body. */
  text: string
  /** The response body as data, if it is XML or CSV. */
  data: unknown
  /** Why the body cannot be read as data, if it is XML or CSV. */
  dataFault?: string | undefined
  durationMs: number
}

/** The response body as JSON, or as such data if it is XML or CSV; undefined for others. */
export function jsonOf({ text, data }: Exchange): unknown {
  if (data !== undefined) return data
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * @param most The limit of each body, in characters.
 * @param hide Removes secrets. Applied before a body is shortened, because part of a secret would not be recognized.
 */
export function exchangeText(
  { method, url, headers, body, response, text, durationMs }: Exchange,
  most: number,
  hide: (text: string) => string,
): string {
  const request = [`${method} ${url}`, ...headerLines(headers), ...bodyLines(body, most, hide)]
  const status = `${response.status()} ${response.statusText()} after ${Math.round(durationMs)} ms`
  const shown = ['content-type', 'location'].flatMap(name => {
    const value = response.headers()[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const answer = [status.replace(/ +/g, ' '), ...headerLines(Object.fromEntries(shown)), ...bodyLines(text, most, hide)]
  return hide(`Request:  ${request.join('\n  ')}\nResponse: ${answer.join('\n  ')}`)
}

function headerLines(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
}

function bodyLines(body: unknown, most: number, hide: (text: string) => string): string[] {
  if (body === undefined || body === '') return []
  const text = hide(typeof body === 'string' ? readable(body) : JSON.stringify(body, null, 2))
  const shown = text.length > most ? `${text.slice(0, most)}… (${text.length} characters)` : text
  return shown.split('\n')
}

function readable(text: string): string {
  if (text.length > 100_000) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
