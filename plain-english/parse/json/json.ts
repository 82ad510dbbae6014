/** JSON of a file, in which variables can take the place of values and of parts of texts. */
import { renderText, type Template, type Values, type Variable, variablesIn } from '../template.ts'

export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue }

export type Json =
  | { kind: 'constant'; value: number | boolean | null }
  | { kind: 'text'; template: Template }
  | { kind: 'variable'; variable: Variable }
  | { kind: 'list'; items: readonly Json[] }
  | { kind: 'object'; members: readonly { name: Template; value: Json }[] }

/** Replaces the variables by their values. A text in quotes stays a text, even if it is a single variable. */
export function renderJson(json: Json, values: Values): JsonValue {
  switch (json.kind) {
    case 'constant':
      return json.value
    case 'text':
      return renderText(json.template, values)
    case 'variable':
      return values.valueOf(json.variable.name) as JsonValue
    case 'list':
      return json.items.map(item => renderJson(item, values))
    case 'object':
      return Object.fromEntries(
        json.members.map(({ name, value }) => [renderText(name, values), renderJson(value, values)]),
      )
  }
}

export function variablesInJson(json: Json): Variable[] {
  switch (json.kind) {
    case 'constant':
      return []
    case 'text':
      return variablesIn(json.template)
    case 'variable':
      return [json.variable]
    case 'list':
      return json.items.flatMap(variablesInJson)
    case 'object':
      return json.members.flatMap(({ name, value }) => [...variablesIn(name), ...variablesInJson(value)])
  }
}
