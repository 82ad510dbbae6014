/** Writes a request of an importer as sentences, and keeps which headers the scenario sends already. */
import { isCredentialName } from '../../environment/secrets/redaction/credentials.ts'
import type { Json } from '../parse/json/json.ts'
import { renderText, type Template } from '../parse/template.ts'
import { secretInUrl, withoutCredentials } from './credentials-in-url.ts'
import type { ImportedAuth, ImportedBody, ImportedPart, ImportedRequest, ImportedStep } from './imported.ts'
import { leftOut, remark, requestStep, step } from './imported.ts'
import { jsonOf, quoted, unquoted, urlText, withJson, wordOrQuoted } from './phrases.ts'
import type { ImportedSecrets } from './secrets.ts'

/** What a client sends by itself. */
const ownHeaders = new Set(['content-length', 'host', 'connection', 'accept-encoding', 'user-agent', 'postman-token'])
/** What only browsers send, and what varies from one recording to the next. */
const browserHeader = /^(?::|sec-|if-|upgrade-insecure-requests|cache-control$|pragma$|dnt$|referer$|origin$|priority$)/

export class RequestWriter {
  /** The headers that the sentences above have set, by name in lower case. */
  readonly #set = new Map<string, { name: string; value: string }>()
  readonly #secrets: ImportedSecrets
  readonly #isRecorded: boolean
  #followsRedirects = true

  /** @param isRecorded The requests are those of a browser, whose own headers are left out. */
  constructor(secrets: ImportedSecrets, isRecorded = false) {
    this.#secrets = secrets
    this.#isRecorded = isRecorded
  }

  parts(given: ImportedRequest): ImportedPart[] {
    const { url, user, left } = withoutCredentials(given.url)
    const isSignedIn =
      given.auth !== undefined || given.headers.some(({ name }) => name.toLowerCase() === 'authorization')
    const auth: ImportedAuth | undefined = user && !isSignedIn ? { kind: 'basic', ...user } : given.auth
    const body = given.body && this.#body(given.body)
    const request = { ...given, url: withoutApp(url), auth, body }
    const before = [
      ...this.#redirects(given.followsRedirects ?? true),
      ...this.#headers(request),
      ...left.map(name => leftOut(`${name} in the query`, secretInUrl)),
      ...this.#secrets.takeNotes().map(remark),
    ]
    if (auth?.kind === 'unknown') before.push(leftOut(auth.original, auth.reason))
    const parts = requestSentence(request, `${given.method} ${unquoted(url)}`)
    return [...before, ...parts.slice(0, -1), ...parts.slice(-1).map(requestStep)]
  }

  #redirects(follows: boolean): ImportedPart[] {
    if (follows === this.#followsRedirects) return []
    this.#followsRedirects = follows
    const sentence = follows ? 'Follow Redirects' : 'Do Not Follow Redirects'
    return [step(sentence, `redirects are ${follows ? '' : 'not '}followed`, 'no sentence does this')]
  }

  #headers(request: ImportedRequest): ImportedPart[] {
    const wanted = new Map<string, { name: string; value: string; parts: ImportedPart[] }>()
    for (const { name, value } of request.headers) {
      const key = name.toLowerCase()
      if (this.#isImplied(key, value, request)) continue
      wanted.set(key, { name, value: unquoted(value), parts: [this.#header(name, value)] })
    }
    const { body } = request
    if (body?.kind === 'text' && !wanted.has('content-type') && !/^text\/plain\b/i.test(body.contentType)) {
      const name = 'Content-Type'
      wanted.set('content-type', { name, value: body.contentType, parts: [this.#header(name, [body.contentType])] })
    }
    const auth = this.#auth(request.auth)
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
    // That of a file follows from the ending of its name.
    if (body.kind === 'file')
      return (
        text
          .split(';', 1)[0]
          ?.trim()
          .endsWith(`/${body.file.replace(/^.*\./, '')}`) ?? false
      )
    return body.kind === 'form' || body.kind === 'multipart'
  }

  #header(name: string, value: Template): ImportedPart {
    const key = name.toLowerCase()
    const [, scheme, token = ''] = (value.length > 0 && /^(Bearer|Basic) (.+)$/s.exec(unquoted(value))) || []
    if (key === 'authorization' && scheme === 'Bearer') {
      const sent = this.#secrets.template('TOKEN', afterBearer(value))
      return step(`Bearer Token Is ${wordOrQuoted(sent)}`, 'a bearer token', 'no sentence sends it')
    }
    const [, user, password] =
      (key === 'authorization' &&
        scheme === 'Basic' &&
        /^([^:\p{Cc}\uFFFD]*):([^\p{Cc}\uFFFD]*)$/u.exec(fromBase64(token))) ||
      []
    if (user !== undefined && password !== undefined) return this.#basic([user], [password])
    const sent = this.#headerValue(name, value)
    return step(
      `Set Header ${name} To ${quoted(sent)}`,
      `${name}: ${unquoted(sent)}`,
      `${name} is not the name of a header`,
    )
  }

  #headerValue(name: string, value: Template): Template {
    if (/^cookie$/i.test(name)) return this.#secrets.cookies(value)
    if (isCredentialName(name) || /^(?:x-.*-key|api-?key|.*-subscription-key)$/i.test(name))
      return this.#secrets.template(name, value)
    return this.#secrets.inText(value)
  }

  #auth(auth: ImportedAuth | undefined): ImportedPart | undefined {
    if (auth?.kind === 'bearer') {
      const token = this.#secrets.template('TOKEN', auth.token)
      return step(`Bearer Token Is ${wordOrQuoted(token)}`, 'a bearer token', 'no sentence sends it')
    }
    if (auth?.kind === 'digest') return this.#digest(auth.name, auth.password)
    return auth?.kind === 'basic' ? this.#basic(auth.name, auth.password) : undefined
  }

  /** A user without a password is a key of an API. */
  #basic(name: Template, password: Template): ImportedPart {
    const isKey = password.every(part => part === '')
    const user = isKey ? this.#secrets.template('API_USER', name) : name
    const secret = isKey ? [] : this.#secrets.template('PASSWORD', password)
    return step(
      `Sign In With Basic ${quoted(user)} ${quoted(secret)}`,
      `basic authentication of ${unquoted(user)}`,
      'no sentence signs in with basic authentication',
    )
  }

  #digest(name: Template, password: Template): ImportedPart {
    const secret = this.#secrets.template('PASSWORD', password)
    return step(
      `Sign In With Digest ${quoted(name)} ${quoted(secret)}`,
      `digest authentication of ${unquoted(name)}`,
      'no sentence signs in with digest authentication',
    )
  }

  #body(body: ImportedBody): ImportedBody {
    const secrets = this.#secrets
    const value = (name: string, template: Template) =>
      isCredentialName(name) ? secrets.template(name, template) : secrets.inText(template)
    switch (body.kind) {
      case 'json':
        return { ...body, json: secrets.json(body.json) }
      case 'text':
        return { ...body, text: secrets.inText(body.text, 'lines') }
      case 'form':
        return { ...body, fields: body.fields.map(field => ({ ...field, value: value(field.name, field.value) })) }
      case 'multipart':
        return { ...body, fields: body.fields.map(field => ({ ...field, value: value(field.name, field.value) })) }
      case 'file':
      case 'unknown':
        return body
    }
  }
}

const fromBase64 = (text: string) => Buffer.from(text, 'base64').toString()

function afterBearer(value: Template): Template {
  const [first, ...rest] = value
  const token = typeof first === 'string' ? first.replace(/^Bearer /, '') : first
  return token === undefined || token === '' ? rest : [token, ...rest]
}

/** The last one is the request itself. */
function requestSentence({ method, url: target, body }: ImportedRequest, shown: string): ImportedStep[] {
  const url = urlText(target)
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
      const content = body.text.length === 0 ? '""' : quoted(body.text)
      return [step(`${method} ${url} ${content}`, shown, unknownMethod)]
    }
    case 'form': {
      const json = fieldsJson(body.fields.map(({ name, value }) => ({ name, value: textJson(value) })))
      return [step(withJson(`${method} ${url} Form`, json), shown, unknownMethod)]
    }
    case 'multipart': {
      const json = fieldsJson(
        body.fields.map(({ name, value, file, fileName, type }) => ({
          name,
          value: file === undefined ? textJson(value) : jsonOf({ file, type, name: fileName }),
        })),
      )
      const words = `${method} ${url} Multipart`
      const typed = body.fields.filter(({ file, type }) => file === undefined && type !== undefined)
      return [
        ...typed.map(({ name, type }) => leftOut(`the type ${type} of ${name}`, 'only a file has a type of its own')),
        step(withJson(words, json), shown, 'no sentence sends a multipart form'),
      ]
    }
    case 'file':
      return [step(`${method} ${url} File ${quoted(body.file)}`, shown, 'no sentence sends a file as a body')]
    case 'unknown':
      return [leftOut(shown, body.reason)]
  }
}

/** The fields of a form; those with the same name are one with a list. */
function fieldsJson(fields: readonly { name: string; value: Json }[]): Json {
  const values = new Map<string, Json[]>()
  for (const { name, value } of fields) values.set(name, [...(values.get(name) ?? []), value])
  const members = [...values].map(([name, all]) => {
    const [only, ...others] = all
    const value: Json = only && others.length === 0 ? only : { kind: 'list', items: all }
    return { name: [name], value }
  })
  return { kind: 'object', members }
}

const textJson = (template: Template) => ({ kind: 'text' as const, template })

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
