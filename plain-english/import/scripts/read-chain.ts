/** Reads what a chain of Chai asserts, such as `expect(x).to.not.be.above(3)`. */
import type { Expression } from 'acorn'
import { assertionsOf } from './read-condition.ts'
import { pathOf, propertyOf, type Scope, subjectOf } from './resolve-subject.ts'
import { responseAssertions } from './response-words.ts'
import { type Assertion, type Comparison, constant, propertyAssertion, propertyClaim, type Subject } from './subject.ts'

/** What a chain such as `expect(x).to.not.be.above(3)` asserts; undefined if it is no such chain, or has an unknown word. */
export function chainAssertions(node: Expression, scope: Scope): Assertion[] | undefined {
  const links = linksOf(node)
  if (!links) return undefined
  const [root, ...words] = links
  const start = root && rootOf(root, scope)
  if (!start) return undefined
  let { subject, isNegated } = start
  const assertions: Assertion[] = []
  // `include.members` and `contain.keys` name some of them.
  const isPart = words.some(({ name, args }) => !args && (name === 'include' || name === 'contain'))
  for (const { name, args } of words) {
    if (name === 'not') isNegated = !isNegated
    else if (fillers.has(name) && !args) continue
    else if (name === 'and') isNegated = false
    else if ((name === 'length' || name === 'lengthOf') && !args) subject = { kind: 'length', of: subject }
    else {
      const values = (args ?? []).map(argument => subjectOf(argument, scope))
      if (subject.kind === 'constant' && name === 'true') return assertions
      const found = linkAssertions(name, args !== undefined, subject, isNegated, values)
      if (!found) return undefined
      assertions.push(...found.assertions, ...(isPart ? [] : noOthers(name, subject, found.assertions)))
      subject = found.next ?? subject
      if (found.next) isNegated = false
    }
  }
  return assertions.length > 0 ? assertions : undefined
}

/** That the object has no other members than these keys, or the list no other items than these members. */
function noOthers(name: string, subject: Subject, found: readonly Assertion[]): Assertion[] {
  if (subject.kind !== 'field') return []
  if (name === 'members') {
    return [
      {
        subject: { kind: 'length', of: subject },
        comparison: 'equals',
        isNegated: false,
        value: constant(found.length),
      },
    ]
  }
  if (name !== 'keys' && name !== 'key') return []
  const keys = found.flatMap(({ subject: member }) =>
    member.kind === 'field' ? member.path.slice(subject.path.length) : [],
  )
  return [{ subject, comparison: 'has only keys', isNegated: false, value: constant(keys.map(String)) }]
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
  'still',
  'also',
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
    case 'jsonSchema':
      return value && !isNegated ? one('matches schema', value) : undefined
    case 'true':
    case 'false':
      return one('equals', constant(name === 'true'))
    case 'null':
    case 'toBeNull':
      return one('equals', constant(null))
    case 'undefined':
      return { assertions: [{ subject, comparison: 'exists', isNegated: !isNegated }] }
    case 'ok':
    case 'toBeTruthy':
      return subject.kind === 'field' && !isNegated
        ? { assertions: [{ subject, comparison: 'one of', isNegated: true, value: constant([false, 0, '', null]) }] }
        : one('exists')
    case 'exist':
      return subject.kind === 'field' && !isNegated
        ? { assertions: [{ subject, comparison: 'equals', isNegated: true, value: constant(null) }] }
        : one('exists')
    case 'toBeDefined':
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
      return propertyClaim(subject, isNegated, value, second)
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
