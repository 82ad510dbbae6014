/** Imports OpenAPI 3.0 and 3.1 documents: a smoke check of each operation, with its examples. */
import type { Template } from '../../parse/template.ts'
import {
  ImportError,
  type Imported,
  type ImportedAuth,
  type ImportedBody,
  type ImportedPart,
  type ImportedRequest,
  type ImportedScenario,
  isRedirect,
  leftOut,
  remark,
  step,
} from '../imported.ts'
import { fieldText, jsonOf, variableName, withJson } from '../phrases.ts'
import { RequestWriter } from '../request-parts.ts'
import { ImportedSecrets } from '../secrets.ts'
import { type Document, OpenApiReader, type Operation, type Parameter } from './document.ts'
import { Examples, exampleTemplate, withUnique } from './examples.ts'
import { shapeOf } from './shape.ts'

const methods = ['get', 'head', 'options', 'post', 'put', 'patch', 'delete', 'trace'] as const

/** Throws an `ImportError` for another version, and for a document without operations. */
export function importOpenApi(document: Document, file: string): Imported {
  if (!/^3\.[01]\./.test(`${document.openapi}.`)) {
    throw new ImportError(`${file} is OpenAPI ${document.openapi}: only 3.0 and 3.1 can be imported; convert it first.`)
  }
  const importer = new OpenApiImporter(document)
  const scenarios = importer.scenarios()
  if (scenarios.length === 0)
    throw new ImportError(`${file} has no operation: \`paths\` is empty. Export the document again from the service.`)
  const title = `OpenAPI document ${JSON.stringify(document.info?.title ?? '')}`
  return { title, scenarios, secrets: importer.secrets }
}

interface Found {
  path: string
  method: (typeof methods)[number]
  operation: Operation
  parameters: Parameter[]
}

interface Named {
  name: string
  value: Template
}

interface Credentials {
  auth: ImportedAuth | undefined
  headers: Named[]
  cookies: Named[]
}

class OpenApiImporter {
  readonly secrets = new ImportedSecrets()
  readonly #reader: OpenApiReader
  readonly #examples: Examples
  readonly #operations: Found[]

  constructor(document: Document) {
    this.#reader = new OpenApiReader(document)
    this.#examples = new Examples(this.#reader)
    this.#operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      methods.flatMap((method): Found[] => {
        const operation = item[method] as Operation | undefined
        if (!operation) return []
        const own = [...((item.parameters as Parameter[] | undefined) ?? []), ...(operation.parameters ?? [])]
        return [{ path, method, operation, parameters: own.map(parameter => this.#reader.resolved(parameter)) }]
      }),
    )
  }

  scenarios(): ImportedScenario[] {
    return this.#operations.map(found => {
      const { method, path, operation } = found
      const writer = new RequestWriter(this.secrets)
      const saved = this.#saved(found, writer)
      const parts = [...saved.parts, ...this.#check(found, writer, saved.names)]
      const title = operation.summary ?? operation.operationId ?? `${method.toUpperCase()} ${path}`
      const tags = (operation.tags ?? []).map(tag => `@${tag.trim().replace(/[\s,;@]+/g, '-')}`)
      return { title, tags, parts: [...(operation.deprecated ? [remark('deprecated')] : []), ...parts] }
    })
  }

  #check(found: Found, writer: RequestWriter, names: ReadonlyMap<string, string>): ImportedPart[] {
    const { operation, path } = found
    const followsRedirects = !statusesOf(operation).some(status => isRedirect(Number(status)))
    const parts = writer.parts({ ...this.#request(found, names), followsRedirects })
    const unset = found.parameters.filter(
      ({ in: where, name }) =>
        where === 'path' && !names.has(String(name)) && this.#parameterValue(found, String(name)) === undefined,
    )
    const notes = unset.map(({ name }) =>
      remark(`\${env:${environmentName(String(name))}}: an existing ${name} of ${path}, since no operation gives one`),
    )
    return [...notes, ...parts, ...this.#cleanup(found, names), ...this.#responseParts(operation)]
  }

  /** The path parameter from what another operation creates: POST /users gives the id of /users/{id}. */
  #saved(found: Found, writer: RequestWriter): { parts: ImportedPart[]; names: Map<string, string> } {
    const names = new Map<string, string>()
    const parts: ImportedPart[] = []
    const segments = found.path.split('/')
    for (const [index, segment] of segments.entries()) {
      const [, parameter] = /^\{([^}]+)\}$/.exec(segment) ?? []
      if (parameter === undefined) continue
      const collection = segments.slice(0, index).join('/') || '/'
      const creator = this.#operations.find(
        ({ path, method }) => method === 'post' && path.replace(/\/$/, '') === collection,
      )
      const field = creator && this.#identifier(creator.operation, parameter)
      const isKnown = creator?.parameters.every(({ in: where, name }) => where !== 'path' || names.has(String(name)))
      if (!creator || field === undefined || !isKnown || creator.operation === found.operation) continue
      const name = variableName(parameter)
      parts.push(
        ...writer.parts(this.#request(creator, names)),
        step(`Save Field ${fieldText([field])} As ${name}`, field, 'no sentence saves it'),
      )
      names.set(parameter, name)
      const remover = this.#remover(creator)
      // The check of the removal removes it.
      if (remover && remover !== found) parts.push(...this.#afterwards(remover, names, name))
    }
    return { parts, names }
  }

  /** The field of the response to the creation that a path parameter means. */
  #identifier({ responses = {} }: Operation, parameter: string): string | undefined {
    const success = Object.keys(responses).find(status => status.startsWith('2'))
    const schema =
      success === undefined
        ? undefined
        : this.#reader.jsonSchema(this.#reader.resolved(responses[success] ?? {}).content)
    const fields = Object.keys(this.#reader.properties(schema))
    return (
      fields.find(name => name === parameter) ??
      fields.find(name => name.toLowerCase() === 'id') ??
      fields.find(name => /id$/i.test(name))
    )
  }

  /** Removes what the checked operation creates. Before the assertions, so that it is removed if they fail. */
  #cleanup(found: Found, names: ReadonlyMap<string, string>): ImportedPart[] {
    const remover = found.method === 'post' ? this.#remover(found) : undefined
    const [, parameter] = /\{([^}]+)\}\/?$/.exec(remover?.path ?? '') ?? []
    const field = parameter === undefined ? undefined : this.#identifier(found.operation, parameter)
    if (!remover || field === undefined) return []
    const taken = new Set(names.values())
    let name = 'id'
    while (taken.has(name)) name = `new_${name}`
    const removal = this.#afterwards(remover, names, name)
    return removal.length === 0
      ? []
      : [step(`Save Field ${fieldText([field])} As ${name}`, field, 'no sentence saves it'), ...removal]
  }

  /** The operation that removes what this one creates: DELETE /users/{id} for POST /users. */
  #remover(creator: Found): Found | undefined {
    const base = creator.path.replace(/\/$/, '')
    return this.#operations.find(
      ({ path, method }) =>
        method === 'delete' && path.startsWith(`${base}/`) && /^\/\{[^/]+\}\/?$/.test(path.slice(base.length)),
    )
  }

  /** @param name Of the variable that has the last parameter of the path. */
  #afterwards(remover: Found, names: ReadonlyMap<string, string>, name: string): ImportedPart[] {
    const parts = remover.path.split(/\{([^}]+)\}/)
    const last = parts.length - 2
    const saved = parts.map((part, index) => (index % 2 === 0 ? part : index === last ? name : names.get(part)))
    if (saved.some(part => part === undefined)) return []
    const path = saved.map((part, index) => (index % 2 === 0 ? part : `\${${part}}`)).join('')
    return [step(`Afterwards DELETE ${this.#base()}${path}`, `DELETE ${remover.path}`, 'no sentence removes it')]
  }

  #request(found: Found, names: ReadonlyMap<string, string>): ImportedRequest {
    const { operation, parameters, method } = found
    const headers = parameters.filter(
      ({ in: where, required, name }) =>
        where === 'header' && required && !/^(?:authorization|accept|content-type)$/i.test(String(name)),
    )
    const auth = this.#auth(operation)
    const given = parameters.filter(({ in: where, required }) => where === 'cookie' && required)
    const cookies = [
      ...given.map(({ name = '' }) => ({ name, value: exampleTemplate(this.#parameterValue(found, name) ?? 'x') })),
      ...auth.cookies,
    ]
    const values = cookies.flatMap(({ name, value }, index) => [`${index === 0 ? '' : '; '}${name}=`, ...value])
    return {
      method: method.toUpperCase(),
      url: this.#url(found, names),
      headers: [
        ...headers.map(({ name = '' }) => ({ name, value: exampleTemplate(this.#parameterValue(found, name) ?? 'x') })),
        ...(cookies.length > 0 ? [{ name: 'Cookie', value: mergedTexts(values) }] : []),
        ...auth.headers,
      ],
      body: this.#body(operation),
      ...(auth.auth && { auth: auth.auth }),
    }
  }

  #base(): string {
    const url = this.#reader.document.servers?.[0]?.url ?? ''
    return url === '/'
      ? ''
      : url
          .replace(/\/$/, '')
          .replace(/^https?:\/\/[^/]+/, '')
          .replace(/\{[^}]*\}/g, '')
  }

  #url(found: Found, names: ReadonlyMap<string, string>): Template {
    const parts: Template[number][] = [this.#base()]
    for (const part of found.path.split(/(\{[^}]+\})/)) {
      const [, name] = /^\{([^}]+)\}$/.exec(part) ?? []
      if (name === undefined) parts.push(part)
      else {
        const saved = names.get(name)
        const value = saved === undefined ? this.#parameterValue(found, name) : undefined
        if (saved !== undefined) parts.push({ name: saved, offset: 0 })
        else
          parts.push(
            value === undefined
              ? { name: `env:${environmentName(name)}`, offset: 0 }
              : encodeURIComponent(String(value)),
          )
      }
    }
    const query = found.parameters.filter(({ in: where, required }) => where === 'query' && required)
    const pairs = query.flatMap(parameter => this.#pairs(found, parameter))
    for (const [index, { name, value }] of pairs.entries()) {
      const encoded = value.map(part => (typeof part === 'string' ? encodeURIComponent(part) : part))
      parts.push(`${index === 0 ? '?' : '&'}${name}=`, ...encoded)
    }
    return mergedTexts(parts)
  }

  /** A list is a pair for each item, or one with all of them if it is not to be exploded. */
  #pairs(found: Found, { name = '', schema, style = 'form', explode = style === 'form' }: Parameter) {
    const value = this.#parameterValue(found, name) ?? this.#examples.ofSchema(schema, name) ?? ''
    const separator = { spaceDelimited: ' ', pipeDelimited: '|' }[style] ?? ','
    const items: unknown[] = Array.isArray(value) ? (explode ? value : [value.map(String).join(separator)]) : [value]
    return items.map(item => ({ name, value: exampleTemplate(item) }))
  }

  #parameterValue({ parameters }: Found, name: string): unknown {
    return this.#examples.ofParameter(parameters.find(one => one.name === name))
  }

  /** All schemes of the first choice. */
  #auth({ security = this.#reader.document.security }: Operation): Credentials {
    const names = Object.keys(security?.[0] ?? {})
    const all = names.map(name => this.#credentials(name))
    const known = all.find(({ auth }) => auth && auth.kind !== 'unknown') ?? all.find(({ auth }) => auth)
    return {
      auth: known?.auth,
      headers: all.flatMap(({ headers }) => headers),
      cookies: all.flatMap(({ cookies }) => cookies),
    }
  }

  #credentials(name: string): Credentials {
    const none: Credentials = { auth: undefined, headers: [], cookies: [] }
    const given = this.#reader.document.components?.securitySchemes?.[name]
    if (!given) return none
    const scheme = this.#reader.resolved(given)
    const secret = (name: string): Template => [this.secrets.ofVariable(name)]
    if (scheme.type !== 'apiKey' || (scheme.in !== 'header' && scheme.in !== 'cookie')) {
      return { ...none, auth: this.#authOf(name, scheme, secret) }
    }
    const key = {
      name: scheme.name ?? (scheme.in === 'cookie' ? 'session' : 'X-Api-Key'),
      value: secret(environmentName(scheme.name ?? 'token')),
    }
    return { ...none, [scheme.in === 'cookie' ? 'cookies' : 'headers']: [key] }
  }

  #authOf(
    name: string,
    scheme: { type?: string; scheme?: string; in?: string },
    secret: (name: string) => Template,
  ): ImportedAuth {
    if (scheme.type === 'apiKey') {
      return {
        kind: 'unknown',
        reason: `no sentence sends a credential in the ${scheme.in}`,
        original: `authentication: ${name}`,
      }
    }
    if (scheme.type === 'http' && scheme.scheme?.toLowerCase() === 'basic') {
      return { kind: 'basic', name: [{ name: 'env:API_USER', offset: 0 }], password: secret('API_PASSWORD') }
    }
    return { kind: 'bearer', token: secret('API_TOKEN') }
  }

  #body({ requestBody }: Operation): ImportedBody | undefined {
    const { content = {} } = this.#reader.resolved(requestBody ?? {})
    const [type, media] =
      Object.entries(content).find(([type]) => /json/.test(type)) ?? Object.entries(content)[0] ?? []
    if (type === undefined || !media) return undefined
    const example = this.#examples.ofMedia(media)
    if (/json/.test(type)) return { kind: 'json', json: withUnique(jsonOf(example ?? {})) }
    if (/x-www-form-urlencoded|multipart/.test(type)) {
      const fields = Object.entries(Object(example)).map(([name, value]) => ({
        name,
        value: exampleTemplate(value),
      }))
      const schema = this.#reader.properties(media.schema)
      const withFiles = fields.map(field => ({
        ...field,
        file: /binary|base64/.test(this.#reader.resolved(schema[field.name] ?? {}).format ?? '')
          ? field.name
          : undefined,
      }))
      return { kind: /multipart/.test(type) ? 'multipart' : 'form', fields: withFiles }
    }
    return {
      kind: 'text',
      text: exampleTemplate(example ?? ''),
      contentType: type,
    }
  }

  #responseParts(operation: Operation): ImportedPart[] {
    const { responses = {} } = operation
    const statuses = statusesOf(operation)
    const [status] = statuses
    if (status === undefined) {
      if (responses['2XX'] || responses['2xx'] || responses.default)
        return [step('Response Should Be Successful', 'a status of 2xx', 'no sentence asserts it')]
      return [leftOut('responses', 'the document gives no successful response')]
    }
    const claim =
      statuses.length === 1
        ? step(`Status Code Should Be ${status}`, `status ${status}`, 'no sentence asserts it')
        : step(
            `Status Code Should Be One Of [${statuses.join(', ')}]`,
            `status ${statuses.join(' or ')}`,
            'no sentence asserts one of several statuses',
          )
    const response = this.#reader.resolved(responses[status] ?? {})
    const shape = shapeOf(this.#reader, this.#reader.jsonSchema(response.content))
    return [
      claim,
      ...(shape
        ? [step(withJson('Response Body Should Match', shape), 'the schema of the response', 'no sentence asserts it')]
        : []),
    ]
  }
}

/** Those of success and of redirects; not 304, which answers headers that a check does not send. */
function statusesOf({ responses = {} }: Operation): string[] {
  return Object.keys(responses).filter(status => /^[23]\d\d$/.test(status) && status !== '304')
}

function environmentName(name: string): string {
  return variableName(name.replace(/([a-z])([A-Z])/g, '$1_$2')).toUpperCase()
}

function mergedTexts(parts: Template): Template {
  const result: Template[number][] = []
  for (const part of parts) {
    const last = result.at(-1)
    if (typeof part === 'string' && typeof last === 'string') result[result.length - 1] = last + part
    else if (part !== '') result.push(part)
  }
  return result
}
