/** Imports Postman collections (format 2.0 and 2.1): folders, variables, authentication, scripts. */
import type { Template } from '../parse/template.ts'
import { bodyOf, contentTypeOf } from './body.ts'
import { secretInUrl } from './credentials-in-url.ts'
import type { ImportedEnvironment } from './environment.ts'
import { ImportError, type Imported, type ImportedAuth, type ImportedBody, type ImportedRequest } from './imported.ts'
import { unquoted } from './phrases.ts'
import { type RequestItem, scenariosOf, statusIn } from './scenarios.ts'
import { namesInScript, readScript } from './scripts/read-script.ts'
import { ImportedVariables } from './variables.ts'

interface Collection {
  info?: { name?: string; schema?: string }
  item?: Item[]
  variable?: Variable[]
  auth?: Auth | null
  event?: Event[]
  protocolProfileBehavior?: Behavior
}

/** Settings of a request, or of those in a folder. */
interface Behavior {
  followRedirects?: boolean
  /** Whether requests whose method has no body send theirs nevertheless. */
  disableBodyPruning?: boolean
}

interface Item {
  name?: string
  item?: Item[]
  request?: Request | string
  event?: Event[]
  auth?: Auth | null
  variable?: Variable[]
  protocolProfileBehavior?: Behavior
}

interface Request {
  method?: string
  url?: string | Url
  header?: (Pair & { value?: string })[] | string | null
  body?: Body | null
  auth?: Auth | null
}

interface Url {
  raw?: string
  protocol?: string
  host?: string[] | string
  port?: string
  path?: (string | { value?: string })[] | string
  query?: Pair[]
  variable?: Variable[]
}

interface Pair {
  key?: string | null
  value?: string | null
  disabled?: boolean
}

interface Variable extends Pair {
  id?: string
  /** `secret` for a value that must not be shown. */
  type?: string
}

interface Body {
  mode?: string
  disabled?: boolean
  raw?: string
  urlencoded?: Pair[]
  formdata?: (Pair & { type?: string; src?: string | string[]; contentType?: string })[]
  file?: { src?: string }
  graphql?: { query?: string; variables?: string; operationName?: string }
  options?: { raw?: { language?: string } }
}

type Auth = { type?: string } & Record<string, unknown>

interface Event {
  listen?: string
  disabled?: boolean
  script?: { exec?: string[] | string }
}

/** A request with what its folders give it. */
interface Entry {
  item: Item
  request: Request
  folders: string[]
  auth: Auth | undefined
  before: string[]
  after: string[]
  followsRedirects: boolean
  prunesBodies: boolean
}

export function isPostman(document: unknown): document is Collection {
  const { info, item } = Object(document)
  if (!Array.isArray(item)) return false
  return typeof Object(info).name === 'string' || item.some(one => Object(one).request ?? Object(one).item)
}

/** Throws an `ImportError` for a collection without requests. @param environment Its values replace those of the collection. */
export function importPostman(collection: Collection, file: string, environment?: ImportedEnvironment): Imported {
  const entries = entriesOf(collection.item ?? [], [], inherited(collection, undefined))
  if (entries.length === 0)
    throw new ImportError(
      `${file} has no request: the collection ${JSON.stringify(collection.info?.name)} is empty. Export one with requests.`,
    )
  const variables = variablesOf(collection, entries, environment)
  const title = collection.info?.name ?? 'Postman'
  const scenarios = scenariosOf(
    entries.map(entry => itemOf(entry, variables)),
    { title, variables },
  )
  return { title: `Postman collection ${JSON.stringify(title)}`, scenarios, secrets: variables.secrets }
}

interface Inherited {
  auth: Auth | undefined
  before: string[]
  after: string[]
  followsRedirects: boolean
  prunesBodies: boolean
}

/** The methods whose bodies Postman keeps in the file, but does not send. */
const withoutBody = ['GET', 'COPY', 'HEAD', 'PURGE', 'UNLOCK']

function inherited(
  { auth, event, protocolProfileBehavior: behavior }: Pick<Item, 'auth' | 'event' | 'protocolProfileBehavior'>,
  from: Inherited | undefined,
): Inherited {
  return {
    auth: authOfItem(auth, from?.auth),
    before: [...(from?.before ?? []), ...scriptsOf(event, 'prerequest')],
    after: [...(from?.after ?? []), ...scriptsOf(event, 'test')],
    followsRedirects: behavior?.followRedirects ?? from?.followsRedirects ?? true,
    prunesBodies:
      behavior?.disableBodyPruning === undefined ? (from?.prunesBodies ?? true) : !behavior.disableBodyPruning,
  }
}

/** Null, as well as none, takes that of the folder. */
function authOfItem(own: Auth | null | undefined, outer: Auth | undefined): Auth | undefined {
  return own?.type === 'noauth' ? undefined : (own ?? outer)
}

function scriptsOf(events: readonly Event[] | undefined, listen: string): string[] {
  const scripts = (events ?? [])
    .filter(event => event.listen === listen && !event.disabled)
    .map(({ script }) => script?.exec)
  return scripts.map(exec => (Array.isArray(exec) ? exec.join('\n') : (exec ?? ''))).filter(code => code.trim() !== '')
}

function entriesOf(items: readonly Item[], folders: string[], from: Inherited): Entry[] {
  return items.flatMap(item => {
    const own = inherited(item, from)
    if (item.item) return entriesOf(item.item, [...folders, item.name ?? ''], own)
    const given: Request | undefined = typeof item.request === 'string' ? { url: item.request } : item.request
    if (!given) return []
    const isPruned = own.prunesBodies && withoutBody.includes((given.method ?? 'GET').toUpperCase())
    const hasNoBody = isPruned || given.body?.disabled
    const request = hasNoBody ? { ...given, body: null } : given
    return [{ item, request, folders, ...own, auth: authOfItem(request.auth, own.auth) }]
  })
}

/** Those of the collection and of the environment that no script changes have their values. */
function variablesOf(
  { variable = [] }: Collection,
  entries: readonly Entry[],
  environment: ImportedEnvironment | undefined,
): ImportedVariables {
  const changed = new Set(
    entries.flatMap(({ before, after }) => [...before, ...after].flatMap(code => namesInScript(code).saves)),
  )
  const own = variable.flatMap(({ key, id, value, disabled, type }) => {
    const name = key ?? id
    const isGiven = name && !disabled && value !== null && value !== undefined && value !== ''
    return isGiven ? [{ name, value: String(value), isSecret: type === 'secret' }] : []
  })
  const constants = [...own.map(({ name, value }) => [name, value] as const), ...(environment?.constants ?? [])]
  const secrets = [...own.filter(({ isSecret }) => isSecret).map(({ name }) => name), ...(environment?.secrets ?? [])]
  return new ImportedVariables(
    constants.filter(([name]) => !changed.has(name)),
    new Set(secrets),
  )
}

function itemOf(
  { item, request, folders, auth, before, after, followsRedirects }: Entry,
  variables: ImportedVariables,
): RequestItem {
  const [pre, post] = [before.join('\n;'), after.join('\n;')]
  const names = { before: namesInScript(pre), after: namesInScript(post) }
  const used = [...JSON.stringify([request, auth]).matchAll(/\{\{\s*([^{}]+?)\s*\}\}/g)].map(found => found[1] ?? '')
  return {
    title: item.name ?? '',
    folders,
    uses: new Set([...used, ...names.before.reads, ...names.after.reads]),
    saves: new Set([...names.before.saves, ...names.after.saves]),
    sent: JSON.stringify([request, auth]),
    status: statusIn(post),
    needsCookies: /cookie/i.test(`${urlOf(request.url)}\n${post}`),
    request: () => ({ ...requestOf(request, auth, variables), followsRedirects }),
    before: () => readScript(pre, variables),
    after: isFirst => readScript(post, variables, { hasCookies: !isFirst }),
  }
}

function requestOf(
  { method = 'GET', url, header, body }: Request,
  auth: Auth | undefined,
  variables: ImportedVariables,
): ImportedRequest {
  const headers = headersOf(header)
  const key = auth?.type === 'apikey' ? apiKey(auth, variables) : undefined
  const keyHeader = key?.in === 'header' ? [{ name: key.name, value: key.value }] : []
  const target = variables.template(urlOf(url))
  const isInUrl =
    key?.in === 'query' && key.value.every(part => typeof part !== 'string' && !/^secret:/.test(part.name))
  const query = isInUrl ? [`${unquoted(target).includes('?') ? '&' : '?'}${key.name}=`, ...key.value] : []
  const left = { kind: 'unknown' as const, reason: secretInUrl, original: `${key?.name} in the query` }
  return {
    method: method.toUpperCase(),
    url: [...target, ...query],
    headers: [...headers.map(({ name, value }) => ({ name, value: variables.template(value) })), ...keyHeader],
    body: body ? importedBody(body, headers, variables) : undefined,
    ...(key?.in === 'query' && !isInUrl && { auth: left }),
    ...(auth && !key && { auth: authOf(auth, variables) }),
  }
}

function headersOf(header: Request['header']): { name: string; value: string }[] {
  if (typeof header === 'string') {
    return header.split(/\r?\n/).flatMap(line => {
      const [name = '', ...value] = line.split(':')
      return value.length > 0 ? [{ name: name.trim(), value: value.join(':').trim() }] : []
    })
  }
  return (header ?? []).flatMap(({ key, value, disabled }) =>
    key && !disabled ? [{ name: key.trim(), value: value ?? '' }] : [],
  )
}

function urlOf(url: Request['url']): string {
  if (url === undefined) return '/'
  if (typeof url === 'string') return withPathVariables(url, [])
  const raw = url.raw ?? assembled(url)
  const isDisabled = url.query?.some(({ disabled }) => disabled)
  const text = isDisabled ? raw.replace(/\?[^#]*/, queryOf(url.query ?? [])) : raw
  return withPathVariables(text.trim(), url.variable ?? [])
}

function assembled({ protocol, host = '', port, path = [], query = [] }: Url): string {
  const parts = [path].flat().map(part => (typeof part === 'string' ? part : (part.value ?? '')))
  return `${protocol ? `${protocol}://` : ''}${[host].flat().join('.')}${port ? `:${port}` : ''}/${parts.join('/')}${queryOf(query)}`
}

function queryOf(query: readonly Pair[]): string {
  const pairs = query
    .filter(({ disabled }) => !disabled)
    .map(({ key, value }) => (value === null || value === undefined ? key : `${key}=${value}`))
  return pairs.length > 0 ? `?${pairs.join('&')}` : ''
}

/** `/users/:id` with the value of `id`, or with the variable `{{id}}`. */
function withPathVariables(url: string, variables: readonly Variable[]): string {
  return url.replace(/(?<=\/):([A-Za-z_]\w*)/g, (_, name: string) => {
    const value = variables.find(one => (one.key ?? one.id) === name)?.value
    return value === undefined || value === null || value === '' ? `{{${name}}}` : String(value)
  })
}

function importedBody(
  body: Body,
  headers: readonly { name: string; value: string }[],
  variables: ImportedVariables,
): ImportedBody | undefined {
  switch (body.mode) {
    case 'raw': {
      if (!body.raw || body.raw.trim() === '') return undefined
      const language = body.options?.raw?.language
      const type =
        contentTypeOf(headers) ??
        (language === 'json' ? 'application/json' : language === 'xml' ? 'application/xml' : undefined)
      return bodyOf(body.raw, type, variables)
    }
    case 'urlencoded': {
      const fields = pairsOf(body.urlencoded, variables)
      return fields.length > 0 ? { kind: 'form', fields } : undefined
    }
    case 'formdata': {
      const fields = (body.formdata ?? []).filter(({ disabled }) => !disabled)
      if (fields.length === 0) return undefined
      return {
        kind: 'multipart',
        fields: fields.flatMap(({ key, value, type, src, contentType }) => {
          const field = {
            name: key ?? '',
            value: variables.template(value ?? ''),
            ...(contentType && { type: contentType }),
          }
          const files = [src ?? []].flat()
          return type === 'file' ? (files.length > 0 ? files : ['file']).map(file => ({ ...field, file })) : [field]
        }),
      }
    }
    case 'file':
      return body.file?.src
        ? { kind: 'file', file: body.file.src, contentType: contentTypeOf(headers) ?? 'application/octet-stream' }
        : undefined
    case 'graphql':
      return graphQL(body.graphql, variables)
    case undefined:
      return undefined
    default:
      return { kind: 'unknown', reason: `no sentence sends a body of the kind ${body.mode}` }
  }
}

function graphQL(body: Body['graphql'], variables: ImportedVariables): ImportedBody {
  const member = (name: string, text: string) => ({
    name: [name],
    value: { kind: 'text' as const, template: variables.template(text) },
  })
  const isGiven = body?.variables !== undefined && body.variables.trim() !== ''
  const given = isGiven ? variables.json(body.variables ?? '') : undefined
  if (isGiven && !given) return { kind: 'unknown', reason: 'the variables of GraphQL are no JSON' }
  return {
    kind: 'json',
    json: {
      kind: 'object',
      members: [
        member('query', body?.query ?? ''),
        ...(given ? [{ name: ['variables'], value: given }] : []),
        ...(body?.operationName ? [member('operationName', body.operationName)] : []),
      ],
    },
  }
}

function pairsOf(pairs: readonly Pair[] | undefined, variables: ImportedVariables) {
  const enabled = (pairs ?? []).filter(({ disabled, key }) => !disabled && key)
  return enabled.map(({ key, value }) => ({ name: key ?? '', value: variables.template(value ?? '') }))
}

function authOf(auth: Auth, variables: ImportedVariables): ImportedAuth {
  const value = (name: string) => variables.template(setting(auth, name))
  switch (auth.type) {
    case 'basic':
    case 'digest':
      return { kind: auth.type, name: value('username'), password: value('password') }
    case 'bearer':
      return { kind: 'bearer', token: value('token') }
    case 'oauth2':
      return {
        kind: 'bearer',
        token:
          setting(auth, 'accessToken') === '' ? [{ name: 'secret:ACCESS_TOKEN', offset: 0 }] : value('accessToken'),
      }
    default:
      return {
        kind: 'unknown',
        reason: `no sentence signs in with ${auth.type}`,
        original: `authentication: ${auth.type}`,
      }
  }
}

function apiKey(auth: Auth, variables: ImportedVariables): { name: string; value: Template; in: string } {
  const name = setting(auth, 'key')
  const value = variables.secrets.template(name, variables.template(setting(auth, 'value')))
  return { name, value, in: setting(auth, 'in') || 'header' }
}

/** In format 2.1 a list of keys and values, in 2.0 an object. */
function setting(auth: Auth, name: string): string {
  const own = auth[String(auth.type)]
  const value = Array.isArray(own) ? own.find(one => one?.key === name)?.value : Object(own)[name]
  return value === undefined || value === null ? '' : String(value)
}
