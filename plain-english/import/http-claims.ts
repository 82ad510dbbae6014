/** Reads what httpyac's lines that begin with `??` assert of a response. */
import { type ImportedPart, leftOut, step } from './imported.ts'
import { sentencesFor } from './scripts/assertion-sentences.ts'
import { type Comparison, constant, type Subject } from './scripts/subject.ts'
import type { ImportedVariables } from './variables.ts'

const comparisons: Readonly<Record<string, [Comparison, boolean]>> = {
  '==': ['equals', false],
  '===': ['equals', false],
  '!=': ['equals', true],
  '>': ['above', false],
  '>=': ['least', false],
  '<': ['below', false],
  '<=': ['most', false],
  includes: ['contains', false],
  contains: ['contains', false],
  matches: ['matches', false],
  exists: ['exists', false],
  isFalse: ['exists', true],
  isTrue: ['exists', false],
  isArray: ['has type', false],
  isNumber: ['has type', false],
  isString: ['has type', false],
  isBoolean: ['has type', false],
}

/** `?? status == 200`, `?? header content-type includes json`, `?? body user.name == Ada`, `?? duration < 500`. */
export function claimsOf(claims: readonly string[], variables: ImportedVariables): ImportedPart[] {
  return claims.map(claim => {
    const [, left = '', operator = '', right = ''] =
      /^(.*?)\s+(===?|!=|>=|<=|>|<|includes|contains|matches|exists|is(?:False|True|Array|Number|String|Boolean))\s*(.*)$/.exec(
        claim,
      ) ?? []
    const subject = claimSubject(left.trim())
    // A field that is false exists.
    const isFlag = operator === 'isFalse' && subject?.kind === 'field'
    const entry = comparisons[isFlag ? '==' : operator]
    if (!subject || !entry) return leftOut(`?? ${claim}`, 'no sentence asserts this')
    const value = isFlag ? constant(false) : claimValue(operator, right.trim())
    const sentences = sentencesFor(
      { subject, comparison: entry[0], isNegated: entry[1], ...(value && { value }) },
      variables,
    )
    return step(sentences, `?? ${claim}`, 'no sentence asserts this')
  })
}

function claimSubject(text: string): Subject | undefined {
  const [word, ...rest] = text.split(/\s+/)
  const name = rest.join(' ')
  if (word === 'status') return { kind: 'status' }
  if (word === 'duration') return { kind: 'time' }
  if (word === 'header') return { kind: 'header', name }
  if (word === 'body' && name === '') return { kind: 'text' }
  const path = word === 'body' ? name : /^js\s+response\.parsedBody\.?(.*)$/.exec(text)?.[1]
  if (path === undefined) return /^js\s+response\.statusCode$/.test(text) ? { kind: 'status' } : undefined
  const parts = path
    .split(/[.[\]]+/)
    .filter(part => part !== '')
    .map(part => (/^\d+$/.test(part) ? Number(part) : part))
  if (word === 'js' && parts.at(-1) === 'length') {
    return { kind: 'length', of: { kind: 'field', path: parts.slice(0, -1) } }
  }
  return { kind: 'field', path: parts }
}

function claimValue(operator: string, text: string): Subject | undefined {
  const [, type] = /^is(Array|Number|String|Boolean)$/.exec(operator) ?? []
  if (type !== undefined) return { kind: 'constant', value: type.toLowerCase() }
  if (text === '') return undefined
  try {
    return { kind: 'constant', value: JSON.parse(text) }
  } catch {
    return { kind: 'constant', value: text.replace(/^(["'`])(.*)\1$/, '$2') }
  }
}
