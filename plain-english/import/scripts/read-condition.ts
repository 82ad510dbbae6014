/** Reads what a boolean expression asserts: comparisons of JavaScript, and calls such as `list.includes(item)`. */
import type { Expression } from 'acorn'
import { pathOf, propertyOf, type Scope, subjectOf } from './resolve-subject.ts'
import { type Assertion, type Comparison, constant, propertyAssertion, type Subject } from './subject.ts'

/** The assertions of a boolean expression, all of which have to hold; undefined if it has another form. */
export function assertionsOf(node: Expression, scope: Scope, isNegated = false): Assertion[] | undefined {
  switch (node.type) {
    case 'ParenthesizedExpression':
      return assertionsOf(node.expression, scope, isNegated)
    case 'UnaryExpression':
      return node.operator === '!' ? assertionsOf(node.argument, scope, !isNegated) : undefined
    case 'LogicalExpression': {
      if ((node.operator === '&&') === isNegated) return undefined
      const left = assertionsOf(node.left, scope, isNegated)
      const right = assertionsOf(node.right, scope, isNegated)
      return left && right && [...left, ...right]
    }
    case 'BinaryExpression':
      return node.left.type === 'PrivateIdentifier'
        ? undefined
        : compared(node.operator, node.left, node.right, scope, isNegated)
    default: {
      const called = node.type === 'CallExpression' ? calledAssertion(node, scope, isNegated) : undefined
      if (called) return called
      const subject = subjectOf(node, scope)
      if (!subject) return undefined
      if (subject.kind === 'constant') return subject.value === !isNegated ? [] : undefined
      if (subject.kind === 'response') return undefined
      if (subject.kind === 'condition') {
        return [{ ...subject.assertion, isNegated: subject.assertion.isNegated !== isNegated }]
      }
      const comparison = subject.kind === 'length' ? ('above' as const) : ('exists' as const)
      const value = subject.kind === 'length' ? constant(0) : undefined
      return [{ subject, comparison, isNegated, ...(value && { value }) }]
    }
  }
}

const operators: Readonly<Record<string, [Comparison, boolean]>> = {
  '==': ['equals', false],
  '===': ['equals', false],
  '!=': ['equals', true],
  '!==': ['equals', true],
  '>': ['above', false],
  '>=': ['least', false],
  '<': ['below', false],
  '<=': ['most', false],
}

const mirrored: Partial<Record<Comparison, Comparison>> = {
  above: 'below',
  below: 'above',
  least: 'most',
  most: 'least',
}

function compared(
  operator: string,
  left: Expression,
  right: Expression,
  scope: Scope,
  isNegated: boolean,
): Assertion[] | undefined {
  if (operator === 'in') {
    const [name, object] = [subjectOf(left, scope), subjectOf(right, scope)]
    return name?.kind === 'constant'
      ? [propertyAssertion(object, String(name.value), isNegated)].flatMap(found => found ?? [])
      : undefined
  }
  const indexed = indexAssertion(operator, left, right, scope, isNegated)
  if (indexed) return indexed
  const entry = operators[operator]
  const [one, other] = [subjectOf(left, scope), subjectOf(right, scope)]
  if (!entry || !one || !other) return undefined
  const [comparison, isInverse] = entry
  const isMirrored = isGiven(one) && !isGiven(other)
  const [subject, value] = isMirrored ? [other, one] : [one, other]
  const asked = isMirrored ? (mirrored[comparison] ?? comparison) : comparison
  if (value.kind === 'constant' && value.value === undefined)
    return [{ subject, comparison: 'exists', isNegated: isNegated === isInverse }]
  return [{ subject, comparison: asked, isNegated: isNegated !== isInverse, value }]
}

/** `text.indexOf(part) > -1` and its kind. */
function indexAssertion(
  operator: string,
  left: Expression,
  right: Expression,
  scope: Scope,
  isNegated: boolean,
): Assertion[] | undefined {
  if (left.type !== 'CallExpression' || left.callee.type !== 'MemberExpression') return undefined
  if (!['indexOf', 'search'].includes(String(propertyOf(left.callee, scope)))) return undefined
  const [subject, figure] = [subjectOf(left.callee.object, scope), subjectOf(right, scope)]
  const [first] = left.arguments
  const value = first && first.type !== 'SpreadElement' ? subjectOf(first, scope) : undefined
  if (!subject || !value || figure?.kind !== 'constant') return undefined
  const isFound = ['> -1', '>= 0', '!== -1', '!= -1', '>= 1'].includes(`${operator} ${figure.value}`)
  const isMissing = ['=== -1', '== -1', '< 0'].includes(`${operator} ${figure.value}`)
  return isFound || isMissing
    ? [{ subject, comparison: 'contains', isNegated: isNegated === isFound, value }]
    : undefined
}

function calledAssertion(
  node: Extract<Expression, { type: 'CallExpression' }>,
  scope: Scope,
  isNegated: boolean,
): Assertion[] | undefined {
  const path = pathOf(node.callee)
  const values = node.arguments.map(argument =>
    argument.type === 'SpreadElement' ? undefined : subjectOf(argument, scope),
  )
  const [first, second] = values
  if (path === 'Array.isArray')
    return first && [{ subject: first, comparison: 'has type', isNegated, value: constant('array') }]
  // Libraries that Postman provides: tv4.validate(data, schema), and ajv.validate(schema, data) with its arguments exchanged.
  if (path === 'tv4.validate' || path === 'ajv.validate') {
    const [data, schema] = path === 'tv4.validate' ? [first, second] : [second, first]
    return data && schema && !isNegated
      ? [{ subject: data, comparison: 'matches schema', isNegated, value: schema }]
      : undefined
  }
  if (path === 'Number.isInteger')
    return first && [{ subject: first, comparison: 'has type', isNegated, value: constant('number') }]
  if ((path === '_.has' || path === '_.includes') && first && second?.kind === 'constant') {
    return path === '_.has'
      ? propertyAssertion(first, String(second.value), isNegated)
      : [{ subject: first, comparison: 'contains', isNegated, value: second }]
  }
  if (path && /^pm\.response\.headers\.has$/.test(path) && first?.kind === 'constant') {
    return [{ subject: { kind: 'header', name: String(first.value) }, comparison: 'exists', isNegated }]
  }
  if (path && /^pm\.cookies\.has$/.test(path) && first?.kind === 'constant') {
    return [{ subject: { kind: 'cookie', name: String(first.value) }, comparison: 'exists', isNegated }]
  }
  if (node.callee.type !== 'MemberExpression') return undefined
  const method = propertyOf(node.callee, scope)
  const object = node.callee.object.type === 'Super' ? undefined : subjectOf(node.callee.object, scope)
  if (!object || !first) return undefined
  if (method === 'hasOwnProperty' && first.kind === 'constant')
    return propertyAssertion(object, String(first.value), isNegated)
  if (method === 'has' && object.kind === 'text')
    return [{ subject: object, comparison: 'contains', isNegated, value: first }]
  if (method === 'has' && first.kind === 'constant') return propertyAssertion(object, String(first.value), isNegated)
  if (method === 'includes') {
    if (object.kind === 'constant') return [{ subject: first, comparison: 'one of', isNegated, value: object }]
    return [{ subject: object, comparison: 'contains', isNegated, value: first }]
  }
  if (method === 'startsWith' || method === 'endsWith') return undefined
  if (method === 'test' && object.kind === 'pattern')
    return [{ subject: first, comparison: 'matches', isNegated, value: object }]
  return method === 'match' ? [{ subject: object, comparison: 'matches', isNegated, value: first }] : undefined
}

/** A constant, or a variable that something has saved. */
function isGiven({ kind }: Subject): boolean {
  return kind === 'constant' || kind === 'variable'
}
