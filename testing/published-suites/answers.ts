/** Reads requests, and writes answers, as the services of published suites do. */
import type { Request, Response } from 'express'

export function bytesOf({ body }: Request): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

/** The fields and the files of a form; a name with several values has a list of them. */
export async function formOf(body: Buffer, type: string) {
  const fields = await new globalThis.Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
  const [form, files]: Record<string, string[]>[] = [{}, {}]
  for (const [name, value] of fields) {
    const [part, text] = typeof value === 'string' ? [form, value] : [files, await value.text()]
    if (part) part[name] = [...(part[name] ?? []), text]
  }
  const single = (part: Record<string, string[]> = {}) =>
    Object.fromEntries(Object.entries(part).map(([name, values]) => [name, values.length === 1 ? values[0] : values]))
  return { form: single(form), files: single(files) }
}

export function cookiesOf(request: Request): Record<string, string> {
  const pairs = (request.headers.cookie ?? '').split(/;\s*/).filter(pair => pair !== '')
  return Object.fromEntries(pairs.map(pair => [pair.replace(/=.*/s, ''), pair.replace(/^[^=]*=/, '')]))
}

/** Express would add a charset to the type, which neither of these servers does. */
export function sendJson(response: Response, content: unknown): void {
  response.setHeader('Content-Type', 'application/json').end(JSON.stringify(content))
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
