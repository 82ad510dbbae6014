/** Compares what a request presents with the operators' token, in a time that does not depend on the two. */
import { createHash, timingSafeEqual } from 'node:crypto'

/** Of hashes, which have one length: a comparison of texts would show the length of the token. */
export function tokenMatcher(token: string): (given: string) => boolean {
  const expected = digest(token)
  return given => timingSafeEqual(digest(given), expected)
}

const digest = (text: string) => createHash('sha256').update(text).digest()
