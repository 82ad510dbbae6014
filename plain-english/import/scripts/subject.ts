/** What scripts refer to (a part of the last response, a variable, a constant), and what they assert of it. */
export type Subject =
  | { kind: 'status' }
  | { kind: 'time' }
  | { kind: 'text' }
  | { kind: 'response' }
  | { kind: 'headers' }
  | { kind: 'header'; name: string }
  | { kind: 'cookies' }
  | { kind: 'cookie'; name: string }
  | { kind: 'field'; path: readonly (string | number)[] }
  | { kind: 'length'; of: Subject }
  | { kind: 'type'; of: Subject }
  | { kind: 'variable'; name: string }
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

export interface Assertion {
  subject: Subject
  comparison: Comparison
  isNegated: boolean
  value?: Subject | undefined
}
