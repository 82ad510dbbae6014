/** What scripts refer to (a part of the last response, a variable, a constant), and what they assert of it. */
export type Subject =
  | { kind: 'status' }
  | { kind: 'status text' }
  | { kind: 'time' }
  | { kind: 'text' }
  | { kind: 'response' }
  /** Content-Type without its parameters. */
  | { kind: 'media type' }
  | { kind: 'headers' }
  | { kind: 'header'; name: string }
  | { kind: 'cookies' }
  | { kind: 'cookie'; name: string }
  | { kind: 'field'; path: readonly (string | number)[] }
  | { kind: 'length'; of: Subject }
  | { kind: 'type'; of: Subject }
  /** With the cookie whose value was saved in it. */
  | { kind: 'variable'; name: string; cookie?: string }
  | { kind: 'constant'; value: unknown }
  | { kind: 'pattern'; source: string }
  | { kind: 'condition'; assertion: Assertion }

export type Comparison =
  | 'equals'
  | 'contains'
  | 'matches'
  | 'above'
  | 'below'
  | 'least'
  | 'most'
  | 'one of'
  | 'exists'
  | 'is empty'
  | 'has type'
  | 'has length'
  | 'has only keys'
  | 'matches schema'

export interface Assertion {
  subject: Subject
  comparison: Comparison
  isNegated: boolean
  value?: Subject | undefined
}

export function constant(value: unknown): Subject {
  return { kind: 'constant', value }
}

/** That an object has a member; undefined if it is none that has some. */
export function propertyAssertion(
  object: Subject | undefined,
  name: string,
  isNegated: boolean,
): Assertion[] | undefined {
  if (object?.kind === 'headers') return [{ subject: { kind: 'header', name }, comparison: 'exists', isNegated }]
  if (object?.kind === 'cookies') return [{ subject: { kind: 'cookie', name }, comparison: 'exists', isNegated }]
  if (object?.kind !== 'field') return undefined
  const path = name
    .split(/[.[\]]+/)
    .filter(part => part !== '')
    .map(part => (/^\d+$/.test(part) ? Number(part) : part))
  return [{ subject: { kind: 'field', path: [...object.path, ...path] }, comparison: 'exists', isNegated }]
}

/** That an object has a member, or a member with a value; what follows in a chain is about the member. */
export function propertyClaim(
  subject: Subject,
  isNegated: boolean,
  name: Subject | undefined,
  value: Subject | undefined,
) {
  if (name?.kind !== 'constant') return undefined
  const found = propertyAssertion(subject, String(name.value), isNegated)
  if (!found) return undefined
  const [{ subject: member }] = found as [Assertion]
  return {
    assertions: value ? [{ subject: member, comparison: 'equals' as const, isNegated, value }] : found,
    next: member,
  }
}
