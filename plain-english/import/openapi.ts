/** Imports OpenAPI 3.0 and 3.1 documents: a smoke check of each operation, with its examples. */
import { pathOfReference } from '../../fixtures/matchers/json-pointer.ts'
import type { Json } from '../parse/json/json.ts'
import type { Template } from '../parse/template.ts'
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
} from './imported.ts'
import { fieldText, jsonOf, variableName, withJson } from './phrases.ts'
import { RequestWriter } from './request-parts.ts'
import { ImportedSecrets } from './secrets.ts'

interface Schema {
  $ref?: string
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  example?: unknown
  examples?: unknown[]
  default?: unknown
  enum?: unknown[]
  const?: unknown
  format?: string
  allOf?: Schema[]
  oneOf?: Schema[]
  anyOf?: Schema[]
  minimum?: number
  minLength?: number
  readOnly?: boolean
}

interface Parameter {
  $ref?: string
  name?: string
  in?: string
  required?: boolean
  schema?: Schema
  example?: unknown
  examples?: Record<string, { value?: unknown }>
}

interface Media {
  schema?: Schema
  example?: unknown
  examples?: Record<string, { $ref?: string; value?: unknown }>
}

interface Operation {
  operationId?: string
  summary?: string
  tags?: string[]
  parameters?: Parameter[]
  requestBody?: { $ref?: string; content?: Record<string, Media>; required?: boolean }
  responses?: Record<string, { $ref?: string; content?: Record<string, Media> }>
  security?: Record<string, string[]>[]
  deprecated?: boolean
}

interface Document {
  openapi: string
  info?: { title?: string }
  servers?: { url?: string }[]
  paths?: Record<string, Record<string, unknown>>
  security?: Record<string, string[]>[]
  components?: {
    securitySchemes?: Record<string, { $ref?: string; type?: string; scheme?: string; in?: string; name?: string }>
  }
}

const methods = ['get', 'head', 'options', 'post', 'put', 'patch', 'delete'] as const
/** The depth at which examples end, and how many values one has at most. */
const deepest = 5
const mostValues = 200

export function isOpenApi(document: unknown): document is Document {
  return typeof Object(document).openapi === 'string'
}

/** Throws an `ImportError` for another version, and for a document without operations. */
export function importOpenApi(document: Document, file: string): Imported {
  if (!/^3\.[01]\./.test(`${document.openapi}.`)) {
    throw new ImportError(`${file} is OpenAPI ${document.openapi}: only 3.0 and 3.1 can be imported; convert it first.`)
  }
  const importer = new OpenApiImporter(document)
  const scenarios = importer.scenarios()
  if (scenarios.length === 0) throw new ImportError(`${file} has no operation: \`paths\` is empty.`)
  const title = `OpenAPI document ${JSON.stringify(document.info?.title ?? '')}`
  return { title, scenarios, secrets: importer.secrets }
}

interface Found {
  path: string
  method: (typeof methods)[number]
  operation: Operation
  parameters: Parameter[]
}

/** Where a value of an example is. */
interface ExampleAt {
  /** Of its property. */
  name: string
  /** The schemas that it is in. */
  outer: readonly Schema[]
  /** How many values the whole example can still have. */
  values: { left: number }
}

class OpenApiImporter {
  readonly secrets = new ImportedSecrets()
  readonly #document: Document
  readonly #operations: Found[]

  constructor(document: Document) {
    this.#document = document
    this.#operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      methods.flatMap((method): Found[] => {
        const operation = item[method] as Operation | undefined
        if (!operation) return []
        const own = [...((item.parameters as Parameter[] | undefined) ?? []), ...(operation.parameters ?? [])]
        return [{ path, method, operation, parameters: own.map(parameter => this.#resolved(parameter)) }]
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
      success === undefined ? undefined : this.#jsonSchema(this.#resolved(responses[success] ?? {}).content)
    const fields = Object.keys(this.#properties(schema))
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
    return {
      method: method.toUpperCase(),
      url: this.#url(found, names),
      headers: [
        ...headers.map(({ name = '' }) => ({ name, value: exampleTemplate(this.#parameterValue(found, name) ?? 'x') })),
        ...(auth?.headers ?? []),
      ],
      body: this.#body(operation),
      ...(auth?.auth && { auth: auth.auth }),
    }
  }

  #base(): string {
    const url = this.#document.servers?.[0]?.url ?? ''
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
    for (const [index, { name = '', schema }] of query.entries()) {
      const value = exampleTemplate(this.#parameterValue(found, name) ?? this.#exampleOf(schema, name) ?? '')
      const encoded = value.map(part => (typeof part === 'string' ? encodeURIComponent(part) : part))
      parts.push(`${index === 0 ? '?' : '&'}${name}=`, ...encoded)
    }
    return mergedTexts(parts)
  }

  /** An example that the document gives. */
  #parameterValue({ parameters }: Found, name: string): unknown {
    const parameter = parameters.find(one => one.name === name)
    const schema = this.#resolved(parameter?.schema ?? {})
    const [first] = Object.values(parameter?.examples ?? {})
    return (
      parameter?.example ??
      first?.value ??
      schema.example ??
      firstOf(schema.examples) ??
      schema.default ??
      schema.const ??
      schema.enum?.[0]
    )
  }

  #auth({
    security = this.#document.security,
  }: Operation): { auth?: ImportedAuth; headers?: { name: string; value: Template }[] } | undefined {
    const [chosen] = security ?? []
    const [name] = Object.keys(chosen ?? {})
    const scheme =
      name === undefined ? undefined : this.#resolved(this.#document.components?.securitySchemes?.[name] ?? {})
    if (!scheme || name === undefined) return undefined
    const secret = (name: string): Template => [this.secrets.ofVariable(name)]
    if (scheme.type === 'apiKey' && scheme.in === 'header')
      return { headers: [{ name: scheme.name ?? 'X-Api-Key', value: secret(environmentName(scheme.name ?? 'token')) }] }
    if (scheme.type === 'apiKey') {
      return {
        auth: {
          kind: 'unknown',
          reason: `no sentence sends a credential in the ${scheme.in}`,
          original: `authentication: ${name}`,
        },
      }
    }
    if (scheme.type === 'http' && scheme.scheme?.toLowerCase() === 'basic') {
      return {
        auth: {
          kind: 'basic',
          name: [{ name: 'env:API_USER', offset: 0 }],
          password: secret('API_PASSWORD'),
        },
      }
    }
    return { auth: { kind: 'bearer', token: secret('API_TOKEN') } }
  }

  #body({ requestBody }: Operation): ImportedBody | undefined {
    const { content = {} } = this.#resolved(requestBody ?? {})
    const [type, media] =
      Object.entries(content).find(([type]) => /json/.test(type)) ?? Object.entries(content)[0] ?? []
    if (type === undefined || !media) return undefined
    const example = this.#mediaExample(media)
    if (/json/.test(type)) return { kind: 'json', json: withUnique(jsonOf(example ?? {})) }
    if (/x-www-form-urlencoded|multipart/.test(type)) {
      const fields = Object.entries(Object(example)).map(([name, value]) => ({
        name,
        value: exampleTemplate(value),
      }))
      const schema = this.#properties(media.schema)
      const withFiles = fields.map(field => ({
        ...field,
        file: /binary|base64/.test(this.#resolved(schema[field.name] ?? {}).format ?? '') ? field.name : undefined,
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
    const response = this.#resolved(responses[status] ?? {})
    const shape = this.#shape(this.#jsonSchema(response.content), 0)
    return [
      claim,
      ...(shape
        ? [step(withJson('Response Body Should Match', shape), 'the schema of the response', 'no sentence asserts it')]
        : []),
    ]
  }

  #jsonSchema(content: Record<string, Media> | undefined): Schema | undefined {
    const [, media] = Object.entries(content ?? {}).find(([type]) => /json/.test(type)) ?? []
    return media?.schema && this.#resolved(media.schema)
  }

  /** The required fields of an object, each with its type. */
  #shape(schema: Schema | undefined, depth: number): Json | undefined {
    if (!schema || depth > 2) return undefined
    const required = new Set(
      [schema, ...(schema.allOf ?? []).map(part => this.#resolved(part))].flatMap(({ required }) =>
        Array.isArray(required) ? required : [],
      ),
    )
    const members = Object.entries(this.#properties(schema)).flatMap(([name, property]) => {
      if (!required.has(name)) return []
      const own = this.#resolved(property)
      const inner = this.#typeOf(own) === 'object' ? this.#shape(own, depth + 1) : undefined
      const marker = {
        string: '#string',
        number: '#number',
        integer: '#number',
        boolean: '#boolean',
        array: '#array',
        object: '#object',
      }[this.#typeOf(own) ?? '']
      const isNullable = [own.type].flat().includes('null') || Object(own).nullable === true
      const value: Json = inner ?? { kind: 'text', template: [isNullable ? '#ignore' : (marker ?? '#ignore')] }
      return [{ name: [name], value }]
    })
    return members.length > 0 ? { kind: 'object', members } : undefined
  }

  /** @param outer The schemas that refer to this one: one can contain itself. */
  #properties(schema: Schema | undefined, outer: ReadonlySet<Schema> = new Set()): Record<string, Schema> {
    if (!schema) return {}
    const own = this.#resolved(schema)
    if (outer.has(own)) return {}
    const within = new Set([...outer, own])
    return Object.assign({}, ...(own.allOf ?? []).map(part => this.#properties(part, within)), own.properties)
  }

  #typeOf(schema: Schema): string | undefined {
    const [type] = [schema.type].flat().filter(one => one !== 'null')
    return type ?? (schema.properties || schema.allOf ? 'object' : schema.items ? 'array' : undefined)
  }

  #mediaExample({ example, examples, schema }: Media): unknown {
    const [first] = Object.values(examples ?? {})
    return example ?? (first && this.#resolved(first).value) ?? this.#exampleOf(schema)
  }

  #exampleOf(schema: Schema | undefined, name = ''): unknown {
    return this.#example(schema, { name, outer: [], values: { left: mostValues } })
  }

  /** Undefined within a schema that contains itself, and when the example has too many values. */
  #example(given: Schema | undefined, at: ExampleAt): unknown {
    if (!given || at.outer.length > deepest || at.values.left-- <= 0) return undefined
    const schema = this.#resolved(given)
    if (at.outer.includes(schema)) return undefined
    const inner = (schemaWithin: Schema | undefined, name = '') =>
      this.#example(schemaWithin, { ...at, name, outer: [...at.outer, schema] })
    const known = schema.example ?? firstOf(schema.examples) ?? schema.const ?? schema.default ?? schema.enum?.[0]
    if (known !== undefined) return known
    const [choice] = schema.oneOf ?? schema.anyOf ?? []
    if (choice && !schema.properties) return inner(choice, at.name)
    switch (this.#typeOf(schema)) {
      case 'object': {
        const properties = this.#properties(schema)
        const required = new Set(Array.isArray(schema.required) ? schema.required : Object.keys(properties))
        const entries = Object.entries(properties).filter(
          ([name, property]) => required.has(name) && !this.#resolved(property).readOnly,
        )
        return Object.fromEntries(entries.map(([name, property]) => [name, inner(property, name)]))
      }
      case 'array':
        return [inner(schema.items)].filter(item => item !== undefined)
      case 'integer':
      case 'number':
        return schema.minimum ?? 1
      case 'boolean':
        return true
      case 'string':
        return exampleText(schema, at.name)
      default:
        return undefined
    }
  }

  /** What a reference refers to; nothing for a schema that is `true` or `false`. */
  #resolved<T extends { $ref?: string }>(value: T, depth = 0): T {
    if (typeof value !== 'object' || value === null) return {} as T
    if (typeof value.$ref !== 'string' || depth > 20) return value
    const found = pathOfReference(value.$ref)?.reduce<unknown>((at, name) => Object(at)[name], this.#document)
    return found === undefined ? ({} as T) : this.#resolved(found as T, depth + 1)
  }
}

/** Those of success and of redirects; not 304, which answers headers that a check does not send. */
function statusesOf({ responses = {} }: Operation): string[] {
  return Object.keys(responses).filter(status => /^[23]\d\d$/.test(status) && status !== '304')
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined
}

function environmentName(name: string): string {
  return variableName(name.replace(/([a-z])([A-Z])/g, '$1_$2')).toUpperCase()
}

/** @param name Of the property: what has to be unique mostly has a telling name. */
function exampleText({ format, minLength = 1 }: Schema, name: string): string {
  const examples: Record<string, string> = {
    email: '{{unique.email}}',
    uuid: '00000000-0000-4000-8000-000000000000',
    date: '2027-03-01',
    'date-time': '2027-03-01T00:00:00Z',
    uri: 'https://example.com/',
    url: 'https://example.com/',
    ipv4: '127.0.0.1',
  }
  const known = examples[format ?? '']
  if (known !== undefined) return known
  if (/email$/i.test(name)) return '{{unique.email}}'
  return /^(?:user_?name|login|slug)$/i.test(name) ? '{{unique.id}}' : 'example'.padEnd(minLength, 'e')
}

/** Marks in examples become variables. */
function withUnique(json: Json): Json {
  if (json.kind === 'text') return { kind: 'text', template: json.template.flatMap(markedTemplate) }
  if (json.kind === 'list') return { kind: 'list', items: json.items.map(withUnique) }
  if (json.kind !== 'object') return json
  return { kind: 'object', members: json.members.map(({ name, value }) => ({ name, value: withUnique(value) })) }
}

/** An example as a text: a value that is none as JSON. */
function exampleTemplate(value: unknown): Template {
  return markedTemplate(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
}

function markedTemplate(part: Template[number]): Template {
  if (typeof part !== 'string') return [part]
  const pieces = part.split(/\{\{(unique\.\w+)\}\}/)
  return pieces.flatMap((piece, index): Template => {
    if (index % 2 === 1) return [{ name: piece, offset: 0 }]
    return piece === '' ? [] : [piece]
  })
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
