/** Writes examples of an OpenAPI document as values to send, and makes some of its schemas where it gives none. */
import type { Json } from '../../parse/json/json.ts'
import type { Template } from '../../parse/template.ts'
import type { Media, OpenApiReader, Parameter, Schema } from './document.ts'

/** The depth at which examples end, and how many values one has at most. */
const deepest = 5
const mostValues = 200

/** Where a value of an example is. */
interface ExampleAt {
  /** Of its property. */
  name: string
  /** The schemas that it is in. */
  outer: readonly Schema[]
  /** How many values the whole example can still have. */
  values: { left: number }
}

export class Examples {
  readonly #reader: OpenApiReader

  constructor(reader: OpenApiReader) {
    this.#reader = reader
  }

  /** The example that the document gives for a parameter. */
  ofParameter(parameter: Parameter | undefined): unknown {
    const schema = this.#reader.resolved(parameter?.schema ?? {})
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

  /** Of a body: what the document gives, or one of its schema. */
  ofMedia({ example, examples, schema }: Media): unknown {
    const [first] = Object.values(examples ?? {})
    return example ?? (first && this.#reader.resolved(first).value) ?? this.ofSchema(schema)
  }

  /** @param name Of the property that has it. */
  ofSchema(schema: Schema | undefined, name = ''): unknown {
    return this.#example(schema, { name, outer: [], values: { left: mostValues } })
  }

  /** Undefined within a schema that contains itself, and when the example has too many values. */
  #example(given: Schema | undefined, at: ExampleAt): unknown {
    if (!given || at.outer.length > deepest || at.values.left-- <= 0) return undefined
    const schema = this.#reader.resolved(given)
    if (at.outer.includes(schema)) return undefined
    const inner = (schemaWithin: Schema | undefined, name = '') =>
      this.#example(schemaWithin, { ...at, name, outer: [...at.outer, schema] })
    const known = schema.example ?? firstOf(schema.examples) ?? schema.const ?? schema.default ?? schema.enum?.[0]
    if (known !== undefined) return known
    const [choice] = schema.oneOf ?? schema.anyOf ?? []
    if (choice && !schema.properties) return inner(choice, at.name)
    switch (this.#reader.typeOf(schema)) {
      case 'object': {
        const properties = this.#reader.properties(schema)
        const required = new Set(Array.isArray(schema.required) ? schema.required : Object.keys(properties))
        const entries = Object.entries(properties).filter(
          ([name, property]) => required.has(name) && !this.#reader.resolved(property).readOnly,
        )
        return Object.fromEntries(entries.map(([name, property]) => [name, inner(property, name)]))
      }
      case 'array':
        return [inner(schema.items)].filter(item => item !== undefined)
      case 'integer':
      case 'number':
        return leastNumber(schema)
      case 'boolean':
        return true
      case 'string':
        return exampleText(schema, at.name)
      default:
        return undefined
    }
  }
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined
}

/** @param name Of the property: what has to be unique mostly has a telling name. */
function exampleText({ format, minLength = 1, maxLength }: Schema, name: string): string {
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
  if (/^(?:user_?name|login|slug)$/i.test(name)) return '{{unique.id}}'
  return 'example'.padEnd(minLength, 'e').slice(0, maxLength)
}

/** OpenAPI 3.0 says with `true` that the minimum itself is not allowed, 3.1 has another number for it. */
function leastNumber({ minimum, exclusiveMinimum }: Schema): number {
  if (typeof exclusiveMinimum === 'number') return Math.floor(exclusiveMinimum) + 1
  return exclusiveMinimum && minimum !== undefined ? Math.floor(minimum) + 1 : (minimum ?? 1)
}

/** Marks in examples become variables. */
export function withUnique(json: Json): Json {
  if (json.kind === 'text') return { kind: 'text', template: json.template.flatMap(markedTemplate) }
  if (json.kind === 'list') return { kind: 'list', items: json.items.map(withUnique) }
  if (json.kind !== 'object') return json
  return { kind: 'object', members: json.members.map(({ name, value }) => ({ name, value: withUnique(value) })) }
}

/** An example as a text: a value that is none as JSON. */
export function exampleTemplate(value: unknown): Template {
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
