/** Reads an OpenAPI document: its types, what its references refer to, and the properties of its schemas. */
import { pathOfReference } from '../../../fixtures/matchers/json-pointer.ts'

export interface Schema {
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
  exclusiveMinimum?: number | boolean
  minLength?: number
  maxLength?: number
  readOnly?: boolean
}

export interface Parameter {
  $ref?: string
  name?: string
  in?: string
  required?: boolean
  schema?: Schema
  example?: unknown
  examples?: Record<string, { value?: unknown }>
  style?: string
  explode?: boolean
}

export interface Media {
  schema?: Schema
  example?: unknown
  examples?: Record<string, { $ref?: string; value?: unknown }>
}

export interface Operation {
  operationId?: string
  summary?: string
  tags?: string[]
  parameters?: Parameter[]
  requestBody?: { $ref?: string; content?: Record<string, Media>; required?: boolean }
  responses?: Record<string, { $ref?: string; content?: Record<string, Media> }>
  security?: Record<string, string[]>[]
  deprecated?: boolean
}

export interface Document {
  openapi: string
  info?: { title?: string }
  servers?: { url?: string }[]
  paths?: Record<string, Record<string, unknown>>
  security?: Record<string, string[]>[]
  components?: {
    securitySchemes?: Record<string, { $ref?: string; type?: string; scheme?: string; in?: string; name?: string }>
  }
}

export function isOpenApi(document: unknown): document is Document {
  return typeof Object(document).openapi === 'string'
}

export class OpenApiReader {
  readonly document: Document

  constructor(document: Document) {
    this.document = document
  }

  /** What a reference refers to; nothing for a schema that is `true` or `false`. */
  resolved<T extends { $ref?: string }>(value: T, depth = 0): T {
    if (typeof value !== 'object' || value === null) return {} as T
    if (typeof value.$ref !== 'string' || depth > 20) return value
    const found = pathOfReference(value.$ref)?.reduce<unknown>((at, name) => Object(at)[name], this.document)
    return found === undefined ? ({} as T) : this.resolved(found as T, depth + 1)
  }

  /** The schema of a body in JSON. */
  jsonSchema(content: Record<string, Media> | undefined): Schema | undefined {
    const [, media] = Object.entries(content ?? {}).find(([type]) => /json/.test(type)) ?? []
    return media?.schema && this.resolved(media.schema)
  }

  /** @param outer The schemas that refer to this one: one can contain itself. */
  properties(schema: Schema | undefined, outer: ReadonlySet<Schema> = new Set()): Record<string, Schema> {
    if (!schema) return {}
    const own = this.resolved(schema)
    if (outer.has(own)) return {}
    const within = new Set([...outer, own])
    return Object.assign({}, ...(own.allOf ?? []).map(part => this.properties(part, within)), own.properties)
  }

  typeOf(schema: Schema): string | undefined {
    const [type] = [schema.type].flat().filter(one => one !== 'null')
    return type ?? (schema.properties || schema.allOf ? 'object' : schema.items ? 'array' : undefined)
  }
}
