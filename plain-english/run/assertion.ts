/** Assertions of sentences, whose errors can begin with what was expected and what came. */
import { expect } from '@playwright/test'

export interface Claim {
  /** What it is about, such as `the status code`. */
  subject: string
  /** `should be`, for instance. */
  words: string
  /** Left out if the words say all. */
  wanted?: unknown
}

const failed = new WeakMap<object, Claim & { actual: unknown }>()

/** Asserts something about the actual value. Throws Playwright's own error, of which `firstLineOf` knows the claim. */
export function assertThat<Actual>(
  actual: Actual,
  claim: Claim,
  assertion: (expected: ReturnType<typeof expect<Actual>>) => void,
): void {
  try {
    assertion(expect(actual, claim.subject))
  } catch (error) {
    if (error instanceof Error) failed.set(error, { ...claim, actual })
    throw error
  }
}

/** Of each value, in characters. */
const most = 80

/**
 * What was expected and what came, such as `name should be "Ada", was "Grace"`; undefined if `assertThat` did not throw the error.
 * @param hide Takes secrets out, before a value is cut: what is left of one nobody would find.
 */
export function firstLineOf(error: Error, hide: (text: string) => string): string | undefined {
  const claim = failed.get(error)
  if (!claim) return undefined
  const { subject, words, actual } = claim
  const wanted = 'wanted' in claim ? ` ${brief(claim.wanted, hide)}` : ''
  return `${hide(subject)} ${words}${wanted}, was ${brief(actual, hide)}`
}

function brief(value: unknown, hide: (text: string) => string): string {
  if (value === undefined) return 'missing'
  // A quote in a secret is written in another way in JSON.
  const json = JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? hide(part) : part))
  const text = hide(value instanceof RegExp ? String(value) : json)
  return text.length > most ? `${text.slice(0, most)}…` : text
}
