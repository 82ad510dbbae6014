/** Reads what an expression asserts: chains of Chai, and comparisons of JavaScript. */
import type { Expression } from 'acorn'
import { pathOf, propertyOf, type Scope, subjectOf } from './resolve-subject.ts'
import type { Assertion, Comparison, Subject } from './subject.ts'

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

/** What a chain such as `expect(x).to.not.be.above(3)` asserts; undefined if it is no such chain, or has an unknown word. */
export function chainAssertions(node: Expression, scope: Scope): Assertion[] | undefined {
  const links = linksOf(node)
  if (!links) return undefined
  const [root, ...words] = links
  const start = root && rootOf(root, scope)
  if (!start) return undefined
  let { subject, isNegated } = start
  const assertions: Assertion[] = []
  for (const { name, args } of words) {
    if (name === 'not') isNegated = !isNegated
    else if (fillers.has(name) && !args) continue
    else if (name === 'and') isNegated = false
    else {
      const values = (args ?? []).map(argument => subjectOf(argument, scope))
      if (subject.kind === 'constant' && name === 'true') return assertions
      const found = linkAssertions(name, args !== undefined, subject, isNegated, values)
      if (!found) return undefined
      assertions.push(...found.assertions)
      subject = found.next ?? subject
      if (found.next) isNegated = false
    }
  }
  return assertions.length > 0 ? assertions : undefined
}

const fillers = new Set([
  'to',
  'be',
  'been',
  'is',
  'that',
  'which',
  'has',
  'have',
  'with',
  'at',
  'of',
  'same',
  'but',
  'does',
  'deep',
  'nested',
  'own',
  'an',
  'a',
  'include',
  'contain',
  'all',
  'any',
  'still',
  'also',
  'length',
  'resolves',
])

interface Link {
  name: string
  /** Undefined: a property, not a call. */
  args: Expression[] | undefined
}

function linksOf(node: Expression): Link[] | undefined {
  if (node.type === 'ChainExpression' || node.type === 'ParenthesizedExpression') return linksOf(node.expression)
  if (node.type === 'CallExpression') {
    const args = node.arguments.flatMap(argument => (argument.type === 'SpreadElement' ? [] : [argument]))
    if (node.callee.type === 'MemberExpression' && !/^pm\.expect$|^chai\.expect$/.test(pathOf(node.callee) ?? '')) {
      const before = node.callee.object.type === 'Super' ? undefined : linksOf(node.callee.object)
      const name = propertyOf(node.callee, new Map())
      return before && name !== undefined ? [...before, { name: String(name), args }] : undefined
    }
    const root = node.callee.type === 'Super' ? undefined : pathOf(node.callee)
    return root === undefined ? undefined : [{ name: root, args }]
  }
  if (node.type === 'MemberExpression') {
    if (pathOf(node) === 'pm.response') return [{ name: 'pm.response', args: undefined }]
    const before = node.object.type === 'Super' ? undefined : linksOf(node.object)
    const name = propertyOf(node, new Map())
    return before && name !== undefined ? [...before, { name: String(name), args: undefined }] : undefined
  }
  return undefined
}

function rootOf({ name, args }: Link, scope: Scope): { subject: Subject; isNegated: boolean } | undefined {
  if (name === 'pm.response') return { subject: { kind: 'response' }, isNegated: false }
  if (!/^(?:pm\.|chai\.)?expect$/.test(name)) return undefined
  const [first] = args ?? []
  if (!first) return undefined
  const subject = subjectOf(first, scope)
  if (subject) return { subject, isNegated: false }
  // expect(condition).to.be.true
  const [only, ...others] = assertionsOf(first, scope) ?? []
  return only && others.length === 0 ? { subject: { kind: 'condition', assertion: only }, isNegated: false } : undefined
}

function linkAssertions(
  name: string,
  isCall: boolean,
  subject: Subject,
  isNegated: boolean,
  values: (Subject | undefined)[],
): { assertions: Assertion[]; next?: Subject } | undefined {
  const [value, second] = values
  const one = (comparison: Comparison, given?: Subject) => ({
    assertions: [{ subject, comparison, isNegated, ...(given && { value: given }) }],
  })
  if (subject.kind === 'condition') {
    const condition = subject.assertion
    const wanted =
      name === 'true' || name === 'ok'
        ? true
        : name === 'false'
          ? false
          : value?.kind === 'constant' && typeof value.value === 'boolean'
            ? value.value
            : undefined
    if (wanted === undefined) return undefined
    return { assertions: [{ ...condition, isNegated: condition.isNegated !== (wanted === isNegated) }] }
  }
  if (subject.kind === 'response') return responseAssertions(name, isNegated, value, second)
  switch (name) {
    case 'eql':
    case 'eq':
    case 'equal':
    case 'equals':
    case 'toBe':
    case 'toEqual':
    case 'toStrictEqual':
      return (
        value &&
        (value.kind === 'constant' && value.value === undefined
          ? { assertions: [{ subject, comparison: 'exists', isNegated: !isNegated }] }
          : one('equals', value))
      )
    case 'include':
    case 'includes':
    case 'contain':
    case 'contains':
    case 'string':
    case 'toContain':
      return value && one('contains', value)
    case 'match':
    case 'matches':
    case 'toMatch':
      return value && one('matches', value)
    case 'above':
    case 'gt':
    case 'greaterThan':
    case 'toBeGreaterThan':
      return value && one('above', value)
    case 'below':
    case 'lt':
    case 'lessThan':
    case 'toBeLessThan':
      return value && one('below', value)
    case 'least':
    case 'gte':
      return value && one('least', value)
    case 'most':
    case 'lte':
      return value && one('most', value)
    case 'within':
      if (!value || !second || isNegated) return undefined
      return {
        assertions: [
          { subject, comparison: 'least', isNegated, value },
          { subject, comparison: 'most', isNegated, value: second },
        ],
      }
    case 'oneOf':
      return value && one('one of', value)
    case 'true':
    case 'false':
      return one('equals', constant(name === 'true'))
    case 'null':
    case 'toBeNull':
      return one('equals', constant(null))
    case 'undefined':
      return { assertions: [{ subject, comparison: 'exists', isNegated: !isNegated }] }
    case 'ok':
    case 'exist':
    case 'toBeDefined':
    case 'toBeTruthy':
      return one('exists')
    case 'empty':
      return one('is empty')
    case 'a':
    case 'an':
      return isCall && value ? one('has type', value) : undefined
    case 'lengthOf':
    case 'length':
    case 'toHaveLength':
      return (
        value && { assertions: [{ subject: { kind: 'length', of: subject }, comparison: 'equals', isNegated, value }] }
      )
    case 'property':
    case 'haveOwnProperty':
    case 'ownProperty':
    case 'toHaveProperty':
      return property(subject, isNegated, value, second)
    case 'keys':
    case 'key': {
      const names = values.flatMap(one => (one?.kind === 'constant' ? [one.value].flat().map(String) : []))
      if (names.length === 0 || isNegated) return undefined
      const found = names.map(key => propertyAssertion(subject, key, false))
      return found.every(item => item !== undefined) ? { assertions: found.flat() } : undefined
    }
    case 'members':
      return value?.kind === 'constant' && Array.isArray(value.value) && !isNegated
        ? {
            assertions: value.value.map(
              (item): Assertion => ({ subject, comparison: 'contains', isNegated, value: constant(item) }),
            ),
          }
        : undefined
    default:
      return undefined
  }
}

function property(subject: Subject, isNegated: boolean, name: Subject | undefined, value: Subject | undefined) {
  if (name?.kind !== 'constant') return undefined
  const found = propertyAssertion(subject, String(name.value), isNegated)
  if (!found) return undefined
  const [{ subject: member }] = found as [Assertion]
  return {
    assertions: value ? [{ subject: member, comparison: 'equals' as const, isNegated, value }] : found,
    next: member,
  }
}

/** Statuses that Postman has words for. */
const statusWords: Readonly<Record<string, number>> = {
  accepted: 202,
  badRequest: 400,
  unauthorized: 401,
  unauthorised: 401,
  forbidden: 403,
  notFound: 404,
  rateLimited: 429,
}

function responseAssertions(name: string, isNegated: boolean, value: Subject | undefined, second: Subject | undefined) {
  const one = (subject: Subject, comparison: Comparison, given?: Subject) => ({
    assertions: [{ subject, comparison, isNegated, ...(given && { value: given }) }],
  })
  const code = statusWords[name]
  if (code !== undefined) return one({ kind: 'status' }, 'equals', constant(code))
  switch (name) {
    case 'status':
      return value?.kind === 'constant' && typeof value.value === 'number'
        ? one({ kind: 'status' }, 'equals', value)
        : undefined
    case 'ok':
    case 'success':
      return one({ kind: 'status' }, 'exists')
    case 'error':
      return isNegated
        ? { assertions: [{ subject: { kind: 'status' } as const, comparison: 'exists' as const, isNegated: false }] }
        : one({ kind: 'status' }, 'least', constant(400))
    case 'clientError':
      return isNegated
        ? undefined
        : {
            assertions: [
              { subject: { kind: 'status' } as const, comparison: 'least' as const, isNegated, value: constant(400) },
              { subject: { kind: 'status' } as const, comparison: 'below' as const, isNegated, value: constant(500) },
            ],
          }
    case 'serverError':
      return one({ kind: 'status' }, 'least', constant(500))
    case 'header': {
      if (value?.kind !== 'constant') return undefined
      const header: Subject = { kind: 'header', name: String(value.value) }
      return second ? one(header, 'equals', second) : one(header, 'exists')
    }
    case 'json':
      return one({ kind: 'header', name: 'Content-Type' }, 'contains', constant('json'))
    case 'jsonBody':
      if (!value) return one({ kind: 'header', name: 'Content-Type' }, 'contains', constant('json'))
      if (value.kind === 'constant' && typeof value.value === 'string')
        return property({ kind: 'field', path: [] }, isNegated, value, second)
      return one({ kind: 'field', path: [] }, 'equals', value)
    case 'body':
      return value
        ? one({ kind: 'text' }, 'equals', value)
        : {
            assertions: [
              { subject: { kind: 'text' } as const, comparison: 'is empty' as const, isNegated: !isNegated },
            ],
          }
    case 'withBody':
      return {
        assertions: [{ subject: { kind: 'text' } as const, comparison: 'is empty' as const, isNegated: !isNegated }],
      }
    case 'responseTime':
      return undefined
    default:
      return undefined
  }
}

function propertyAssertion(object: Subject | undefined, name: string, isNegated: boolean): Assertion[] | undefined {
  if (object?.kind === 'headers') return [{ subject: { kind: 'header', name }, comparison: 'exists', isNegated }]
  if (object?.kind === 'cookies') return [{ subject: { kind: 'cookie', name }, comparison: 'exists', isNegated }]
  if (object?.kind !== 'field') return undefined
  const path = name
    .split(/[.[\]]+/)
    .filter(part => part !== '')
    .map(part => (/^\d+$/.test(part) ? Number(part) : part))
  return [{ subject: { kind: 'field', path: [...object.path, ...path] }, comparison: 'exists', isNegated }]
}

/** A constant, or a variable that something has saved. */
function isGiven({ kind }: Subject): boolean {
  return kind === 'constant' || kind === 'variable'
}

function constant(value: unknown): Subject {
  return { kind: 'constant', value }
}
