/** Writes what a schema requires of a response: its required fields, each with its type. */
import type { Json } from '../../parse/json/json.ts'
import type { OpenApiReader, Schema } from './document.ts'

/** The required fields of an object; undefined if there are none. */
export function shapeOf(reader: OpenApiReader, schema: Schema | undefined, depth = 0): Json | undefined {
  if (!schema || depth > 2) return undefined
  const required = new Set(
    [schema, ...(schema.allOf ?? []).map(part => reader.resolved(part))].flatMap(({ required }) =>
      Array.isArray(required) ? required : [],
    ),
  )
  const members = Object.entries(reader.properties(schema)).flatMap(([name, property]) => {
    if (!required.has(name)) return []
    const own = reader.resolved(property)
    const inner = reader.typeOf(own) === 'object' ? shapeOf(reader, own, depth + 1) : undefined
    const marker = {
      string: '#string',
      number: '#number',
      integer: '#number',
      boolean: '#boolean',
      array: '#array',
      object: '#object',
    }[reader.typeOf(own) ?? '']
    const isNullable = [own.type].flat().includes('null') || Object(own).nullable === true
    const value: Json = inner ?? { kind: 'text', template: [isNullable ? '#ignore' : (marker ?? '#ignore')] }
    return [{ name: [name], value }]
  })
  return members.length > 0 ? { kind: 'object', members } : undefined
}
