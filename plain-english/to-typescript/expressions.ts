/** Writes values of sentences as TypeScript: texts with variables, JSON, URLs. */

import { parsePath } from '../parse/field-path.ts'
import type { Json } from '../parse/json/json.ts'
import type { Template } from '../parse/template.ts'
import { isPlainObject } from './plain-object.ts'

/** The names in the code for variables of sentences. */
export interface Names {
  /** The expression for a variable, such as `user.name` or `env('HOST')`. */
  expressionOf(variable: string): string
}

export function literal(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')
  return inner.includes("'") && !inner.includes('"') ? `"${inner}"` : `'${inner.replaceAll("'", "\\'")}'`
}

/** A text: a literal, a variable as it is, or a template literal. */
export function textExpression(template: Template, names: Names): string {
  const [first, ...rest] = template
  if (first === undefined) return "''"
  if (rest.length === 0) return typeof first === 'string' ? literal(first) : names.expressionOf(first.name)
  return templateLiteral(template, name => names.expressionOf(name))
}

/** Like `textExpression`, but never of another type than a text. */
export function stringExpression(template: Template, names: Names): string {
  const isText = template.length === 0 || (template.length === 1 && typeof template[0] === 'string')
  const [only] = template
  const isString =
    template.length === 1 && typeof only !== 'string' && /^(?:unique\.|env:|secret:)/.test(only?.name ?? '')
  return isText || isString
    ? textExpression(template, names)
    : templateLiteral(template, name => names.expressionOf(name))
}

/**
 * Variables are encoded, but for one at the beginning, which can be a whole URL.
 * @param whole Changes the expression for that one.
 */
export function urlExpression(template: Template, names: Names, whole = (expression: string) => expression): string {
  const [first, ...rest] = template
  if (template.every(part => typeof part === 'string')) return textExpression(template, names)
  if (rest.length === 0 && first !== undefined && typeof first !== 'string') {
    return whole(names.expressionOf(first.name))
  }
  return templateLiteral(template, (name, index) =>
    index === 0 && typeof first !== 'string'
      ? whole(names.expressionOf(name))
      : `encodeURIComponent(${names.expressionOf(name)})`,
  )
}

function templateLiteral(template: Template, variable: (name: string, index: number) => string): string {
  const parts = template.map((part, index) => {
    if (typeof part !== 'string') return `\${${variable(part.name, index)}}`
    return part
      .replace(/[\\`]|\$(?=\{)/g, '\\$&')
      .replaceAll('\n', '\\n')
      .replaceAll('\r', '\\r')
  })
  return `\`${parts.join('')}\``
}

/** @param text How a text is written; default: as `textExpression`. */
export function jsonExpression(json: Json, names: Names, text?: (template: Template) => string | undefined): string {
  switch (json.kind) {
    case 'constant':
      return JSON.stringify(json.value)
    case 'text':
      return text?.(json.template) ?? stringExpression(json.template, names)
    case 'variable':
      return names.expressionOf(json.variable.name)
    case 'list':
      return `[${json.items.map(item => jsonExpression(item, names, text)).join(', ')}]`
    case 'object': {
      const members = json.members.map(({ name, value }) => member(name, jsonExpression(value, names, text), names))
      return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
    }
  }
}

function member(name: Template, value: string, names: Names): string {
  const [only] = name
  const isPlain = name.length === 1 && typeof only === 'string'
  if (!isPlain) return `[${stringExpression(name, names)}]: ${value}`
  if (only === value) return value
  return `${isIdentifier(only) ? only : literal(only)}: ${value}`
}

/** A constant of the vocabulary's type `value` as a literal. */
export function constantExpression(value: unknown): string {
  if (typeof value === 'string') return literal(value)
  if (Array.isArray(value)) return `[${value.map(constantExpression).join(', ')}]`
  if (!isPlainObject(value)) return JSON.stringify(value) ?? 'undefined'
  const members = Object.entries(value).map(
    ([name, one]) => `${isIdentifier(name) ? name : literal(name)}: ${constantExpression(one)}`,
  )
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}

/** `users[0].email` behind an expression. @param isOptional Fields above it may be missing. */
export function fieldAccess(path: string, isOptional = false): string {
  const optional = isOptional ? '?.' : ''
  return parsePath(path)
    .map((name, index) => {
      const mark = index > 0 ? optional : ''
      if (typeof name === 'number') return `${mark}[${name}]`
      return isIdentifier(name) ? `${mark || '.'}${name}` : `${mark}[${literal(name)}]`
    })
    .join('')
}

export function isIdentifier(text: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(text)
}
