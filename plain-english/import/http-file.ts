/** Imports `.http` and `.rest` files, as the clients of JetBrains and VS Code and httpyac have them. */
import { bodyOf, contentTypeOf } from './body.ts'
import type { ImportedEnvironment } from './environment.ts'
import { claimsOf } from './http-claims.ts'
import {
  ImportError,
  type Imported,
  type ImportedAuth,
  type ImportedBody,
  type ImportedPart,
  type ImportedRequest,
  leftOut,
  step,
} from './imported.ts'
import { type RequestItem, scenariosOf, statusIn } from './scenarios.ts'
import { namesInScript, readScript } from './scripts/read-script.ts'
import { ImportedVariables } from './variables.ts'

/** A request as the file writes it. */
interface Section {
  title: string
  name: string | undefined
  method: string
  url: string
  headers: { name: string; value: string }[]
  body: string[]
  before: string[]
  after: string[]
  /** Lines that begin with `??`. */
  claims: string[]
  /** Directives that change what is sent. */
  left: { original: string; reason: string }[]
  followsRedirects: boolean
}

const requestLine = /^([A-Za-z][A-Za-z_-]*)\s+(\S.*?)(?:\s+HTTP\/[\d.]+)?\s*$/
const bareUrl = /^(?:https?:\/\/|\{\{)\S+/
const methods = new Set([
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'QUERY',
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'GRAPHQL',
  'LIST',
  'PURGE',
  'REPORT',
])
/** Protocols and languages that have no requests of HTTP. */
const others = /^(?:GRPC|WEBSOCKET|WS|WSS|MQTT|AMQP|SSE|KAFKA|RSOCKET)\b/

/**
 * Throws an `ImportError` if the file has no request.
 * @param file Its name, for errors and titles.
 * @param environment The values of variables that the file does not define itself.
 */
export function importHttpFile(text: string, file: string, environment?: ImportedEnvironment): Imported {
  const { sections, constants } = sectionsOf(text.replace(/\r\n?/g, '\n'))
  if (sections.length === 0)
    throw new ImportError(`${file} has no request: write one as METHOD URL, such as GET https://api.example.com/users.`)
  const outside = new Map(environment?.constants)
  // As `@host={{ this.host ?? 'http://localhost' }}` means it.
  const own = constants.filter(([name, value]) => !outside.has(name) || selfWithDefault.exec(value)?.[1] !== name)
  const variables = new ImportedVariables([...outside, ...own], environment?.secrets)
  const title = file.replace(/^.*[\\/]/, '').replace(/\.(?:http|rest)$/i, '')
  return {
    title: 'HTTP file',
    scenarios: scenariosOf(
      sections.map(section => itemOf(section, sections, variables)),
      { title, variables },
    ),
    secrets: variables.secrets,
  }
}

/** The value of a variable that has it from outside, and else a default. */
const selfWithDefault = /^\{\{\s*(?:this\.)?(\w+)\s*(?:\?\?|\|\|)/

function sectionsOf(text: string): { sections: Section[]; constants: [string, string][] } {
  const constants: [string, string][] = []
  const sections: Section[] = []
  const withoutComments = text.replace(/^\/\*[\s\S]*?\*\/[ \t]*$/gm, '')
  for (const block of withoutComments.split(/^(?=###)/m)) {
    const section = readBlock(block, constants)
    if (section) sections.push(section)
  }
  return { sections, constants }
}

type State = 'before' | 'headers' | 'body' | 'response'

function readBlock(block: string, constants: [string, string][]): Section | undefined {
  const lines = block.split('\n')
  const section: Section = {
    title: '',
    name: undefined,
    method: '',
    url: '',
    headers: [],
    body: [],
    before: [],
    after: [],
    claims: [],
    left: [],
    followsRedirects: true,
  }
  let state: State = 'before'
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const script = scriptAt(lines, at, state)
    if (script) {
      if (script.code.trim() !== '') (script.isBefore ? section.before : section.after).push(script.code)
      at = script.end
      if (!script.isBefore) state = 'response'
      continue
    }
    if (/^\?\?/.test(line)) {
      section.claims.push(line.slice(2).trim())
      state = 'response'
    } else if (state === 'body' && /^HTTP\/[\d.]+ \d{3}/.test(line)) state = 'response'
    else if (state === 'body') section.body.push(line)
    else if (state !== 'response') state = readHead(line, state, section, constants)
  }
  return section.method === '' ? undefined : section
}

function readHead(line: string, state: State, section: Section, constants: [string, string][]): State {
  const trimmed = line.trim()
  const [, title] = /^###+\s*(.*?)\s*#*\s*$/.exec(line) ?? []
  if (title !== undefined && state === 'before') {
    section.title = title
    return state
  }
  if (/^(?:#|\/\/)/.test(trimmed)) {
    readDirective(trimmed, section)
    return state
  }
  const [, name, value] = /^@([\w.-]+)\s*:?=\s*(.*)$/.exec(trimmed) ?? []
  if (name !== undefined && state === 'before') {
    constants.push([name, (value ?? '').trim().replace(/^(["'])(.*)\1$/, '$2')])
    return state
  }
  if (state === 'before') return readRequestLine(trimmed, section)
  if (trimmed === '') return 'body'
  // The parts of a query below the URL.
  if (/^\s+[?&]/.test(line) || /^\s+\/[\w{]/.test(line)) {
    section.url += trimmed.replace(/\s*=\s*/g, '=')
    return 'headers'
  }
  const [, header, content] = /^([\w!#$%&'*+.^`|~-]+)\s*:\s*(.*)$/.exec(trimmed) ?? []
  if (header !== undefined) section.headers.push({ name: header, value: content ?? '' })
  // A body without the empty line.
  else if (/^[{[<]/.test(trimmed)) {
    section.body.push(line)
    return 'body'
  }
  return 'headers'
}

function readRequestLine(line: string, section: Section): State {
  if (line === '') return 'before'
  const [, word = '', url = ''] = requestLine.exec(line) ?? []
  const method = word.toUpperCase()
  const isOther = word === method && /^(?:https?:\/\/|\/|\{\{)/.test(url)
  if (methods.has(method) || (word !== '' && isOther && !others.test(line))) Object.assign(section, { method, url })
  else if (others.test(line)) Object.assign(section, { method: line.split(/\s/)[0], url: line.replace(/^\S+\s*/, '') })
  else if (bareUrl.test(line)) Object.assign(section, { method: 'GET', url: line.replace(/\s+HTTP\/[\d.]+$/, '') })
  else return 'before'
  return 'headers'
}

function readDirective(comment: string, section: Section): void {
  const [, name, value = ''] = /^(?:#|\/\/)\s*@([\w-]+)\s*=?\s*(.*)$/.exec(comment) ?? []
  if (name === 'name') section.name = value.trim()
  else if (name === 'title') section.title = value.trim()
  else if (name === 'no-redirect') section.followsRedirects = false
  else if (name && /^(?:prompt|loop|forceRef|ref|ratelimit|sleep|import|disabled)$/.test(name)) {
    section.left.push({ original: comment, reason: `no sentence has the directive @${name}` })
  }
}

/** A script at a line: `> {% %}` and `< {% %}` of JetBrains, `{{ }}` of httpyac. */
function scriptAt(
  lines: readonly string[],
  at: number,
  state: State,
): { code: string; isBefore: boolean; end: number } | undefined {
  const line = lines[at] ?? ''
  const [, arrow] = /^\s*([<>])\s*\{%/.exec(line) ?? []
  if (arrow !== undefined)
    return until(lines, at, /%\}/, text => text.replace(/^\s*[<>]\s*\{%/, '').replace(/%\}[\s\S]*$/, ''), arrow === '<')
  if (/^>\s+\S+\.js\s*$/.test(line))
    return { code: `/* ${line.trim()} */ runs(another, file)`, isBefore: false, end: at }
  if (/^>>!?\s/.test(line)) return { code: '', isBefore: false, end: at }
  if (/^\{\{[@+]?\w*\s*$/.test(line) && !/^\{\{\w+\}\}/.test(line)) {
    return until(
      lines,
      at,
      /^\}\}/,
      text => text.replace(/^\{\{[@+]?\w*/, '').replace(/^\}\}[\s\S]*$/m, ''),
      state === 'before',
    )
  }
  return undefined
}

function until(
  lines: readonly string[],
  start: number,
  closing: RegExp,
  clean: (text: string) => string,
  isBefore: boolean,
) {
  let end = lines.findIndex(
    (line, index) => index >= start && closing.test(index === start ? line.replace(/^\s*[<>{][{%\s]*/, '') : line),
  )
  if (end < 0) end = lines.length - 1
  return { code: clean(lines.slice(start, end + 1).join('\n')), isBefore, end }
}

function itemOf(section: Section, sections: readonly Section[], variables: ImportedVariables): RequestItem {
  const before = section.before.join('\n')
  const after = section.after.join('\n')
  const text = [section.url, ...section.headers.map(({ value }) => value), ...section.body].join('\n')
  const used = [...textOf(section).matchAll(/\{\{\s*([\w.$-]+)[^}]*\}\}/g)].map(found =>
    rootOf(found[1] ?? '', sections),
  )
  const saves = new Set([...namesInScript(before).saves, ...namesInScript(after).saves, ...exportsIn(after)])
  if (section.name !== undefined && sections.some(other => usesResponseOf(other, section.name ?? '')))
    saves.add(`@${section.name}`)
  return {
    title: section.title || section.name || `${section.method} ${pathOf(section.url)}`,
    folders: [],
    uses: new Set([...used, ...namesInScript(after).reads]),
    saves,
    sent: `${section.method} ${text.trim()}`,
    status: statusIn([...section.claims, after].join('\n')),
    needsCookies: /cookie/i.test([section.url, ...section.claims, after].join('\n')),
    request: () => requestOf(section, sections, variables),
    before: () => [...leftOutOf(section), ...readScript(before, variables)],
    after: () => [
      ...claimsOf(section.claims, variables),
      ...readScript(after, variables),
      ...savedResponses(section, sections, variables),
    ],
  }
}

/** Without the origin and the query. */
const pathOf = (url: string) => url.replace(/^(?:https?:\/\/[^/\s]+|\{\{[^}]*\}\})/, '').replace(/[?\s].*$/s, '') || '/'

const exportsIn = (code: string) => [...code.matchAll(/\bexports\.(\w+)\s*=/g)].map(found => found[1] ?? '')

/** `{{login.response.body.token}}` uses the response of the request named login. */
const responseUse = /\{\{\s*(\w[\w-]*)\.(?:response\.(?:body|headers)\.|)([^}\s]+)\s*\}\}/g

function usesResponseOf(section: Section, name: string): boolean {
  return textOf(section).includes(`{{${name}.`) || textOf(section).includes(`{{ ${name}.`)
}

/** All that can name a variable or a response. */
const textOf = ({ url, headers, body, claims }: Section) =>
  [url, ...headers.map(({ value }) => value), ...body, ...claims].join('\n')

function rootOf(name: string, sections: readonly Section[]): string {
  const [first = ''] = name.split('.')
  return name.includes('.') && sections.some(section => section.name === first) ? `@${first}` : name
}

/** Saves the parts of a response that later requests use by its name. */
function savedResponses(section: Section, sections: readonly Section[], variables: ImportedVariables): ImportedPart[] {
  if (section.name === undefined) return []
  const parts = new Map<string, ImportedPart>()
  for (const other of sections) {
    for (const [whole, name, path = ''] of textOf(other).matchAll(responseUse)) {
      if (name !== section.name) continue
      const key = whole.slice(2, -2).trim()
      const saved = variables.save(key)
      const isHeader = /\.response\.headers\./.test(whole)
      const field = path.replace(/^\$\.?/, '').replace(/^\*$/, '$')
      const sentence = isHeader
        ? `Save Header ${path} As ${saved}`
        : `Save Field ${field === '' ? '$' : field} As ${saved}`
      parts.set(key, step(sentence, whole, 'no sentence saves this part of a response'))
    }
  }
  return [...parts.values()]
}

function leftOutOf({ left }: Section): ImportedPart[] {
  return left.map(({ original, reason }) => leftOut(original, reason))
}

function requestOf(section: Section, sections: readonly Section[], variables: ImportedVariables): ImportedRequest {
  const own = withResponseNames(section, sections)
  const authorization = own.headers.find(({ name }) => name.toLowerCase() === 'authorization')
  const auth = authorization && basicAuth(authorization.value, variables)
  const url =
    own.url.startsWith('/') || /^(?:https?:\/\/|\{\{)/.test(own.url)
      ? own.url
      : own.url.replace(/^(?=[\w-]+[:./])/, 'http://')
  const host = own.headers.find(({ name }) => name.toLowerCase() === 'host')?.value
  const isGraphQL = own.method === 'GRAPHQL' || own.headers.some(({ name }) => name.toLowerCase() === 'x-request-type')
  return {
    method: isGraphQL ? 'POST' : own.method,
    url: variables.template(url.startsWith('/') && host && !/localhost/.test(host) ? `https://${host}${url}` : url),
    headers: own.headers
      .filter(({ name }) => name.toLowerCase() !== 'x-request-type')
      .map(({ name, value }) => ({ name, value: variables.template(value) })),
    body: isGraphQL ? graphQL(own.body.join('\n'), variables) : bodyOfLines(own, variables),
    ...(auth && { auth }),
    followsRedirects: own.followsRedirects,
  }
}

/** The names of the saved parts stand for the uses of a named response. */
function withResponseNames(section: Section, sections: readonly Section[]): Section {
  const replace = (text: string) =>
    text.replace(responseUse, (whole, name: string) =>
      sections.some(other => other.name === name) ? `{{${whole.slice(2, -2).trim()}}}` : whole,
    )
  return {
    ...section,
    url: replace(section.url),
    headers: section.headers.map(({ name, value }) => ({ name, value: replace(value) })),
    body: section.body.map(replace),
  }
}

/** `Basic user password` and `Basic user:password` in clear text, which the clients encode; `Digest` likewise. */
function basicAuth(value: string, variables: ImportedVariables): ImportedAuth | undefined {
  const [, scheme, user, password] = /^(Basic|Digest)\s+([^\s:]+)(?:\s+|:)(\S+)\s*$/i.exec(value) ?? []
  if (user === undefined || password === undefined) {
    return /^(?:Digest|AWS|NTLM|OAuth2?|openid)\b/i.test(value)
      ? { kind: 'unknown', reason: `no sentence signs in with ${value.split(/\s/)[0]}`, original: 'Authorization' }
      : undefined
  }
  const kind = /^digest$/i.test(scheme ?? '') ? 'digest' : 'basic'
  return { kind, name: variables.template(user), password: variables.template(password) }
}

function bodyOfLines({ body, headers }: Section, variables: ImportedVariables): ImportedBody | undefined {
  const text = body.join('\n').trim()
  if (text === '') return undefined
  const type = contentTypeOf(headers)
  const [, file] = /^<@?\w*\s+(\S.*)$/.exec(text) ?? []
  if (file !== undefined && !text.includes('\n') && !text.startsWith('<?'))
    return { kind: 'file', file, contentType: type ?? 'application/octet-stream' }
  const [, boundary] =
    /^multipart\/form-data;.*boundary=(?:"([^"]+)"|(\S+))/i.exec(type ?? '')?.filter(part => part !== undefined) ?? []
  if (boundary !== undefined) return multipart(text, boundary, variables)
  return bodyOf(text, type, variables)
}

function multipart(text: string, boundary: string, variables: ImportedVariables): ImportedBody {
  const sections = text.split(`--${boundary}`).filter(part => part.trim() !== '' && part.trim() !== '--')
  const fields = sections.map(part => {
    const [head = '', ...rest] = part.replace(/^\n/, '').split('\n\n')
    const [, name = ''] = /name="?([^";\n]+)"?/i.exec(head) ?? []
    const content = rest.join('\n\n').trim()
    const [, file] = /^<\s+(\S+)/.exec(content) ?? []
    return { name, value: variables.template(content), file: file ?? /filename="([^"]+)"/i.exec(head)?.[1] }
  })
  return { kind: 'multipart', fields }
}

function graphQL(text: string, variables: ImportedVariables): ImportedBody {
  const at = text.search(/\n\s*\n\s*\{\s*(?:"|\})/)
  const [query, given] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)]
  const json = given.trim() === '' ? undefined : variables.json(given)
  if (given.trim() !== '' && !json) return { kind: 'unknown', reason: 'the variables of GraphQL are no JSON' }
  const members = [{ name: ['query'], value: { kind: 'text' as const, template: variables.template(query.trim()) } }]
  return {
    kind: 'json',
    json: { kind: 'object', members: json ? [...members, { name: ['variables'], value: json as never }] : members },
  }
}
