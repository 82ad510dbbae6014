/** Writes a request of an importer as sentences, and keeps which headers the scenario sends already. */
import { isCredentialName } from '../../environment/secrets/redaction/credentials.ts'
import { renderText, type Template } from '../parse/template.ts'
import type { ImportedAuth, ImportedBody, ImportedPart, ImportedRequest } from './imported.ts'
import { leftOut, step } from './imported.ts'
import { jsonOf, quoted, unquoted, urlText, variableName, withJson, wordOrQuoted } from './phrases.ts'

/** What a client sends by itself. */
const ownHeaders = new Set(['content-length', 'host', 'connection', 'accept-encoding', 'user-agent', 'postman-token'])
/** What only browsers send, and what varies from one recording to the next. */
const browserHeader = /^(?::|sec-|if-|upgrade-insecure-requests|cache-control$|pragma$|dnt$|referer$|origin$|priority$)/

export class RequestWriter {
  /** The headers that the sentences above have set, by name in lower case. */
  readonly #set = new Map<string, { name: string; value: string }>()
  readonly #isRecorded: boolean

  /** @param isRecorded The requests are those of a browser, whose own headers are left out. */
  constructor(isRecorded = false) {
    this.#isRecorded = isRecorded
  }

  parts(request: ImportedRequest): ImportedPart[] {
    const { method, body, auth } = request
    const url = withoutApp(request.url)
    const shown = `${method} ${unquoted(request.url)}`
    const before = this.#headers(request)
    if (auth?.kind === 'unknown') before.push(leftOut(auth.original, auth.reason))
    return [...before, ...requestSentence(method, urlText(url), body, shown)]
  }

  #headers(request: ImportedRequest): ImportedPart[] {
    const wanted = new Map<string, { name: string; value: string; parts: ImportedPart[] }>()
    for (const { name, value } of request.headers) {
      const key = name.toLowerCase()
      if (this.#isImplied(key, value, request)) continue
      wanted.set(key, { name, value: unquoted(value), parts: [headerStep(name, value)] })
    }
    const auth = authStep(request.auth)
    if (auth) wanted.set('authorization', { name: 'Authorization', value: JSON.stringify(request.auth), parts: [auth] })
    const parts: ImportedPart[] = []
    for (const [key, { name }] of this.#set) {
      if (wanted.has(key)) continue
      const reason = 'no sentence stops sending a header: begin another scenario, or send it here too'
      parts.push(step(`Remove Header ${name}`, `without the header ${name}`, reason))
      this.#set.delete(key)
    }
    for (const [key, { name, value, parts: own }] of wanted) {
      if (this.#set.get(key)?.value === value) continue
      this.#set.set(key, { name, value })
      parts.push(...own)
    }
    return parts
  }

  #isImplied(key: string, value: Template, { body, auth }: ImportedRequest): boolean {
    if (ownHeaders.has(key) || (key === 'authorization' && auth !== undefined)) return true
    if (this.#isRecorded && browserHeader.test(key)) return true
    const text = unquoted(value)
    if (key === 'accept' && text === '*/*') return true
    if (key !== 'content-type') return false
    if (!body) return true
    if (body.kind === 'json') return /^application\/json(?:;\s*charset=utf-8)?$/i.test(text)
    return body.kind === 'form' || body.kind === 'multipart' || body.kind === 'file'
  }
}

function headerStep(name: string, value: Template): ImportedPart {
  const [, token] = (value.length > 0 && /^Bearer (.+)$/s.exec(unquoted(value))) || []
  const original = `${name}: ${concealed(name, value)}`
  if (name.toLowerCase() === 'authorization' && token !== undefined) {
    return step(
      `Bearer Token Is ${wordOrQuoted(asSecret('TOKEN', afterBearer(value)))}`,
      original,
      'no sentence sends it',
    )
  }
  const sent = isCredentialHeader(name) ? asSecret(name, value) : value
  return step(`Set Header ${name} To ${quoted(sent)}`, original, `${name} is not the name of a header`)
}

function authStep(auth: ImportedAuth | undefined): ImportedPart | undefined {
  if (auth?.kind === 'bearer') {
    return step(
      `Bearer Token Is ${wordOrQuoted(asSecret('TOKEN', auth.token))}`,
      'a bearer token',
      'no sentence sends it',
    )
  }
  if (auth?.kind === 'basic') {
    const [user, password] = [auth.user, asSecret('PASSWORD', auth.password)]
    const sentence = `Sign In With Basic ${quoted(user)} ${quoted(password)}`
    return step(sentence, `basic authentication of ${unquoted(user)}`, 'no sentence signs in with basic authentication')
  }
  return undefined
}

const isCredentialHeader = (name: string) => isCredentialName(name) || /^(?:cookie|x-.*-key|api-?key)$/i.test(name)

/** A credential that the file has in clear text, as a secret of the environment. A variable stays. */
function asSecret(name: string, value: Template): Template {
  if (value.some(part => typeof part !== 'string')) return value
  return [{ name: `secret:${variableName(name).toUpperCase()}`, offset: 0 }]
}

function concealed(name: string, value: Template): string {
  return isCredentialHeader(name) ? unquoted(asSecret(name, value)) : unquoted(value)
}

function afterBearer(value: Template): Template {
  const [first, ...rest] = value
  const token = typeof first === 'string' ? first.replace(/^Bearer /, '') : first
  return token === undefined || token === '' ? rest : [token, ...rest]
}

function requestSentence(method: string, url: string, body: ImportedBody | undefined, shown: string): ImportedPart[] {
  const unknownMethod = `no sentence sends ${method}`
  if (!body) return [step([`${method} ${url}`, `Send ${method} ${url}`], shown, unknownMethod)]
  switch (body.kind) {
    case 'json':
      return [
        step(
          [withJson(`${method} ${url}`, body.json), withJson(`Send ${method} ${url}`, body.json)],
          shown,
          unknownMethod,
        ),
      ]
    case 'text': {
      const type = /^text\/plain\b/i.test(body.contentType)
        ? []
        : [`Set Header Content-Type To ${quoted(body.contentType)}`]
      const content = body.text.length === 0 ? '""' : quoted(body.text)
      return [...type.map(line => step(line, line, '')), step(`${method} ${url} ${content}`, shown, unknownMethod)]
    }
    case 'form': {
      const members = body.fields.map(({ name, value }) => ({ name: [name], value: textJson(name, value) }))
      return [step(withJson(`${method} ${url} Form`, { kind: 'object', members }), shown, unknownMethod)]
    }
    case 'multipart': {
      const members = body.fields.map(({ name, value, file }) => {
        const text = file === undefined ? textJson(name, value) : jsonOf({ file })
        return { name: [name], value: text }
      })
      const words = `${method} ${url} Multipart`
      return [step(withJson(words, { kind: 'object', members }), shown, 'no sentence sends a multipart form')]
    }
    case 'file':
      return [step(`${method} ${url} File ${quoted(body.file)}`, shown, 'no sentence sends a file as a body')]
    case 'unknown':
      return [leftOut(shown, body.reason)]
  }
}

function textJson(name: string, value: Template) {
  return { kind: 'text' as const, template: isCredentialName(name) ? asSecret(name, value) : value }
}

/**
 * The URL without the origin of the app: a variable for the base URL, or this machine. Others stay, and are listed for
 * `origins`.
 */
function withoutApp(url: Template): Template {
  const [first, ...rest] = url
  if (first !== undefined && typeof first !== 'string' && /^(?:env|secret):/.test(first.name)) {
    const [next, ...others] = rest
    if (next === undefined) return ['/']
    if (typeof next === 'string' && next.startsWith('/')) return [next, ...others]
    // A scheme, a host and a port in variables.
    const path = renderText(rest, { valueOf: name => `\${${name}}` })
    const [, after] = /^(?::\/\/)?[^/]*(\/.*)?$/s.exec(path) ?? []
    return after === undefined ? ['/'] : tailOf(rest, after)
  }
  if (typeof first !== 'string') return url
  const [, host] =
    /^(?:https?:\/\/)?((?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0|host\.docker\.internal)(?::\d+)?)(?=\/|\?|$)/i.exec(
      first,
    ) ?? []
  if (host !== undefined) {
    const path = first.slice(first.indexOf(host) + host.length)
    const whole = path === '' ? (rest.length === 0 ? '/' : '') : path.startsWith('?') ? `/${path}` : path
    return whole === '' ? afterPort(rest) : [whole, ...rest]
  }
  if (/^(?:localhost|127\.0\.0\.1):?$|^https?:\/\/(?:localhost|127\.0\.0\.1):?$/i.test(first)) return afterPort(rest)
  if (/^[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:\/|$)/.test(first)) return [`https://${first}`, ...rest]
  return url
}

function afterPort(rest: Template): Template {
  const index = rest.findIndex(part => typeof part === 'string' && part.includes('/'))
  const part = rest[index]
  if (typeof part !== 'string') return ['/']
  return [part.slice(part.indexOf('/')), ...rest.slice(index + 1)]
}

function tailOf(parts: Template, after: string): Template {
  const tail: Template[number][] = []
  let left = after.length
  for (const part of [...parts].reverse()) {
    const text = typeof part === 'string' ? part : `\${${part.name}}`
    if (left <= 0) break
    tail.unshift(typeof part === 'string' ? part.slice(Math.max(0, part.length - left)) : part)
    left -= text.length
  }
  return tail
}
