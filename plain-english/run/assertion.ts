/** Assertions of sentences, whose failures begin with the expected and the actual value. */
import { expect } from '@playwright/test'

export interface Claim {
  /** What is asserted, such as `the status code`. */
  subject: string
  /** Such as `should be`. */
  words: string
  /** Left out if the words are complete without it. */
  wanted?: unknown
}

const failed = new WeakMap<object, Claim & { actual: unknown }>()

/** Runs an assertion on the actual value. Throws Playwright's own error, and remembers the claim for `firstLineOf`. */
export function assertThat<Actual>(
  actual: Actual,
  claim: Claim,
  assertion: (expected: ReturnType<typeof expect<Actual>>) => void,
): void {
  try {
    assertion(expect(actual, claim.subject))
  } catch (error) {
    if (error instanceof Error) rememberClaim(error, claim, actual)
    throw error
  }
}

/** Makes `firstLineOf` state the claim and the actual value of an error. */
export function rememberClaim(error: Error, claim: Claim, actual: unknown): void {
  failed.set(error, { ...claim, actual })
}

/** The limit of each value, in characters. */
const most = 80

/**
 * The first line for an error, such as `name should be "Ada", was "Grace"`; undefined if `assertThat` did not throw it.
 * @param hide Removes secrets. Applied before a value is shortened, because part of a secret would not be recognized.
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
  // JSON escapes quotes, so that a secret with a quote would not be recognized in it.
  const json = JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? hide(part) : part))
  const text = hide(value instanceof RegExp ? String(value) : json)
  return text.length > most ? `${text.slice(0, most)}…` : text
}
