/** Assertions on a page that Playwright repeats until they pass; their failures begin with the expected and the actual value. */
import { type Claim, rememberClaim } from './assertion.ts'

/** Runs an assertion of Playwright on a page or an element. Throws its error, and remembers the claim for `firstLineOf`. */
export async function assertOnPage(claim: Claim, assertion: () => Promise<void>): Promise<void> {
  try {
    await assertion()
  } catch (error) {
    const { matcherResult } = Object(error)
    if (error instanceof Error && matcherResult) rememberClaim(error, claim, Object(matcherResult).actual)
    throw error
  }
}
