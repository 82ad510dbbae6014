// Reads the direction of a COPY: whether the client or the server sends data next.

import type { Command } from './command.ts'
import type { Phrase } from './phrase.ts'

/** COPY table [(columns)] | (query) FROM | TO 'file' | PROGRAM '...' | STDIN | STDOUT ... */
export function copy(phrase: Phrase): Command | undefined {
  while (!phrase.done) {
    if (phrase.takeSign('.')) phrase.skip()
    else if (phrase.take('from')) return { kind: 'copy', direction: direction(phrase, 'in') }
    else if (phrase.take('to')) return { kind: 'copy', direction: direction(phrase, 'out') }
    else if (!phrase.skipParentheses()) phrase.skip()
  }
  return undefined
}

// The server accepts both words for both directions: FROM STDOUT means FROM STDIN.
function direction(phrase: Phrase, client: 'in' | 'out'): 'in' | 'out' | 'other' {
  return phrase.sees(['stdin', 'stdout']) ? client : 'other'
}
