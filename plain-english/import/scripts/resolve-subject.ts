/** Finds out what an expression of a Postman, JetBrains or httpyac script refers to. */
import type { Expression, MemberExpression, PrivateIdentifier, SpreadElement, Super } from 'acorn'
import type { Subject } from './subject.ts'

export type Scope = ReadonlyMap<string, Subject>

/** Objects that keep variables, by their path in a script. */
const stores =
  /^(?:pm\.(?:environment|globals|collectionVariables|variables|iterationData)|client\.global|request\.(?:variables|environment))$/
/** Legacy functions of Postman that read variables. */
const legacyReaders = /^postman\.get(?:Environment|Global)Variable$/
const headerReaders =
  /^(?:pm\.response\.headers\.(?:get|one)|response\.headers\.(?:valueOf|get)|postman\.getResponseHeader)$/
const cookieReaders = /^(?:pm\.cookies\.get|postman\.getResponseCookie)$/

/** Undefined if it is none of the known forms. */
export function subjectOf(node: Expression | Super, scope: Scope): Subject | undefined {
  switch (node.type) {
    case 'ParenthesizedExpression':
      return subjectOf(node.expression, scope)
    case 'AwaitExpression':
      return subjectOf(node.argument, scope)
    case 'ChainExpression':
      return subjectOf(node.expression, scope)
    case 'Literal':
      if (node.regex)
        return { kind: 'pattern', source: node.regex.flags === '' ? node.regex.pattern : `(?${node.regex.flags})` }
      return { kind: 'constant', value: node.value }
    case 'TemplateLiteral': {
      const texts = node.quasis.map(({ value }) => value.cooked ?? '')
      const parts = node.expressions.map(expression => placeholderOf(subjectOf(expression, scope)))
      if (parts.some(part => part === undefined)) return undefined
      return { kind: 'constant', value: texts.map((text, index) => text + (parts[index] ?? '')).join('') }
    }
    case 'UnaryExpression':
      return unary(node.operator, node.argument, scope)
    case 'LogicalExpression':
      return subjectOf(node.left, scope)
    case 'ArrayExpression': {
      const items = node.elements.map(item =>
        item && item.type !== 'SpreadElement' ? constantOf(item, scope) : undefined,
      )
      return items.some(item => item === undefined)
        ? undefined
        : { kind: 'constant', value: items.map(item => item?.value) }
    }
    case 'ObjectExpression':
      return objectOf(node, scope)
    case 'BinaryExpression':
      return node.left.type === 'PrivateIdentifier' ? undefined : joined(node.operator, node.left, node.right, scope)
    case 'Identifier':
      return scope.get(node.name) ?? globals.get(node.name)
    case 'MemberExpression':
      return memberOf(node, scope)
    case 'CallExpression':
      return callOf(node, scope)
    case 'NewExpression':
      return undefined
    default:
      return undefined
  }
}

const globals: ReadonlyMap<string, Subject> = new Map<string, Subject>([
  ['responseBody', { kind: 'text' }],
  ['responseTime', { kind: 'time' }],
  ['undefined', { kind: 'constant', value: undefined }],
  ['responseHeaders', { kind: 'headers' }],
])

const members: ReadonlyMap<string, Subject> = new Map<string, Subject>([
  ['pm.response', { kind: 'response' }],
  ['pm.response.code', { kind: 'status' }],
  ['responseCode.code', { kind: 'status' }],
  ['pm.response.status', { kind: 'status text' }],
  ['responseCode.name', { kind: 'status text' }],
  ['response.statusMessage', { kind: 'status text' }],
  ['response.status', { kind: 'status' }],
  ['response.statusCode', { kind: 'status' }],
  ['pm.response.responseTime', { kind: 'time' }],
  ['response.timings.total', { kind: 'time' }],
  ['pm.response.headers', { kind: 'headers' }],
  ['response.headers', { kind: 'headers' }],
  ['pm.cookies', { kind: 'cookies' }],
  ['response.body', { kind: 'field', path: [] }],
  ['response.parsedBody', { kind: 'field', path: [] }],
  ['response.contentType.mimeType', { kind: 'media type' }],
  ['response.contentType', { kind: 'header', name: 'Content-Type' }],
])

function memberOf(node: MemberExpression, scope: Scope): Subject | undefined {
  const path = pathOf(node)
  const known = path === undefined ? undefined : members.get(path)
  if (known && !(path !== undefined && scope.has(path.split('.')[0] ?? ''))) return known
  const name = propertyOf(node, scope)
  if (name === undefined) return undefined
  const [, store] =
    /^(environment|globals|data|iterationData)$/.exec(path?.split('.').slice(0, -1).join('.') ?? '') ?? []
  if (store !== undefined && !scope.has(store)) return { kind: 'variable', name: String(name) }
  const object = node.object.type === 'Super' ? undefined : subjectOf(node.object, scope)
  if (!object) return undefined
  if (object.kind === 'headers') return { kind: 'header', name: String(name) }
  if (object.kind === 'cookies') return { kind: 'cookie', name: String(name) }
  if (name === 'length' && ['field', 'text'].includes(object.kind)) return { kind: 'length', of: object }
  if (object.kind === 'cookie' && name === 'value') return object
  if (object.kind === 'field') return { kind: 'field', path: [...object.path, name] }
  if (object.kind === 'constant') return constantMember(object.value, name)
  return undefined
}

function constantMember(value: unknown, name: string | number): Subject | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return { kind: 'constant', value: Reflect.get(value, name) }
}

function callOf(node: Extract<Expression, { type: 'CallExpression' }>, scope: Scope): Subject | undefined {
  const path = pathOf(node.callee)
  const [first] = node.arguments
  const argument = first && first.type !== 'SpreadElement' ? subjectOf(first, scope) : undefined
  const name = argument?.kind === 'constant' ? String(argument.value) : undefined
  if (path === 'pm.response.json') return { kind: 'field', path: [] }
  if (path === 'pm.response.text') return { kind: 'text' }
  if (path === 'pm.response.reason') return { kind: 'status text' }
  if (path === 'JSON.parse') {
    if (argument?.kind === 'variable') return argument
    return argument?.kind === 'text' || (argument?.kind === 'field' && argument.path.length === 0)
      ? { kind: 'field', path: [] }
      : undefined
  }
  // A variable keeps JSON as it is.
  if (path === 'JSON.stringify') return argument
  const generated = generatedBy(node)
  if (generated) return generated
  if (path && name !== undefined) {
    if (headerReaders.test(path)) return { kind: 'header', name }
    if (cookieReaders.test(path)) return { kind: 'cookie', name }
    if (legacyReaders.test(path)) return { kind: 'variable', name }
    const [, store, method] = /^(.*)\.(get|replaceIn)$/.exec(path) ?? []
    if (store !== undefined && stores.test(store)) {
      return method === 'get' ? { kind: 'variable', name } : { kind: 'constant', value: name }
    }
  }
  if ((path === 'parseInt' || path === 'Number' || path === 'String' || path === 'parseFloat') && argument)
    return argument
  if (node.callee.type !== 'MemberExpression') return undefined
  const method = propertyOf(node.callee, scope)
  const object = subjectOf(node.callee.object, scope)
  // Conversions that keep what is asserted.
  if (object && (method === 'toString' || method === 'trim' || method === 'toJSON')) return object
  if (
    object &&
    method === 'at' &&
    object.kind === 'field' &&
    argument?.kind === 'constant' &&
    typeof argument.value === 'number' &&
    argument.value >= 0
  ) {
    return { kind: 'field', path: [...object.path, argument.value] }
  }
  return undefined
}

/** `Math.random().toString(36).substring(7)` and `Date.now()`: texts that are new in each run; `Math.floor(Math.random() * 9)`: a number. */
function generatedBy(node: Expression | Super): Subject | undefined {
  if (node.type !== 'CallExpression') return undefined
  const path = pathOf(node.callee)
  if (path === 'Date.now' || path === 'uuid.v4') return { kind: 'variable', name: '$guid' }
  if (/^Math\.(?:floor|round|ceil|trunc)$/.test(path ?? '')) {
    return hasRandom(node) ? { kind: 'variable', name: '$randomInt' } : undefined
  }
  if (node.callee.type !== 'MemberExpression') return undefined
  const method = propertyOf(node.callee, new Map())
  const { object } = node.callee
  if (method === 'toString' && hasRandom(object)) return { kind: 'variable', name: '$guid' }
  if (method === 'getTime' && object.type === 'NewExpression' && pathOf(object.callee) === 'Date') {
    return { kind: 'variable', name: '$guid' }
  }
  // A part of a generated text is one, too.
  return /^(?:substr|substring|slice|replace|toLowerCase|toUpperCase)$/.test(String(method))
    ? generatedBy(object)
    : undefined
}

/** Whether it is a call of `Math.random()`, or computed from one. */
function hasRandom(node: Expression | Super | SpreadElement | PrivateIdentifier): boolean {
  switch (node.type) {
    case 'CallExpression':
      return pathOf(node.callee) === 'Math.random' || node.arguments.some(hasRandom)
    case 'BinaryExpression':
      return hasRandom(node.left) || hasRandom(node.right)
    case 'ParenthesizedExpression':
      return hasRandom(node.expression)
    default:
      return false
  }
}

function unary(operator: string, argument: Expression, scope: Scope): Subject | undefined {
  const of = subjectOf(argument, scope)
  if (operator === 'typeof') return of && { kind: 'type', of }
  if (operator === '-' && of?.kind === 'constant' && typeof of.value === 'number')
    return { kind: 'constant', value: -of.value }
  return operator === '+' ? of : undefined
}

function joined(operator: string, left: Expression, right: Expression, scope: Scope): Subject | undefined {
  if (operator !== '+') return undefined
  const [one, other] = [placeholderOf(subjectOf(left, scope)), placeholderOf(subjectOf(right, scope))]
  return one === undefined || other === undefined ? undefined : { kind: 'constant', value: one + other }
}

/** As part of a text: a variable becomes `{{name}}`. */
function placeholderOf(subject: Subject | undefined): string | undefined {
  if (subject?.kind === 'variable') return `{{${subject.name}}}`
  if (subject?.kind !== 'constant' || typeof subject.value === 'object') return undefined
  return String(subject.value)
}

function constantOf(node: Expression, scope: Scope): { value: unknown } | undefined {
  const subject = subjectOf(node, scope)
  if (subject?.kind === 'constant') return subject
  return subject?.kind === 'variable' ? { value: `{{${subject.name}}}` } : undefined
}

function objectOf(node: Extract<Expression, { type: 'ObjectExpression' }>, scope: Scope): Subject | undefined {
  const entries: [string, unknown][] = []
  for (const property of node.properties) {
    if (property.type === 'SpreadElement' || property.computed || property.kind !== 'init') return undefined
    const { key } = property
    const name = key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : undefined
    const value = constantOf(property.value, scope)
    if (name === undefined || !value) return undefined
    entries.push([name, value.value])
  }
  return { kind: 'constant', value: Object.fromEntries(entries) }
}

/** Such as `pm.response.code`; undefined for anything but names and dots. */
export function pathOf(node: Expression | Super): string | undefined {
  if (node.type === 'Identifier') return node.name
  if (node.type === 'ChainExpression') return pathOf(node.expression)
  if (node.type !== 'MemberExpression' || node.property.type === 'PrivateIdentifier') return undefined
  const name = node.computed
    ? node.property.type === 'Literal' && typeof node.property.value === 'string'
      ? node.property.value
      : undefined
    : node.property.type === 'Identifier'
      ? node.property.name
      : undefined
  const object = pathOf(node.object)
  return name === undefined || object === undefined ? undefined : `${object}.${name}`
}

export function propertyOf(node: MemberExpression, scope: Scope): string | number | undefined {
  if (node.property.type === 'PrivateIdentifier') return undefined
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : undefined
  const subject = subjectOf(node.property, scope)
  if (subject?.kind !== 'constant') return undefined
  return typeof subject.value === 'number' || typeof subject.value === 'string' ? subject.value : undefined
}
