/** Redacts a text that arrives in pieces and keeps its division, although a secret may be split over several pieces. */
import type { Pattern } from './patterns.ts'

/** The maximum length of a truncation mark, in bytes: as much of the redacted text stays in the window. */
const longestMark = 64

/** The place of a secret in a text. */
export interface Match {
  start: number
  end: number
  /** Without colours inside. */
  length: number
  pattern: Pattern
}

/** Finds secrets in a part of a text, and from which offset on the result depends on more text. */
export interface Searcher {
  search(bytes: Buffer, then: 'more' | 'end' | 'cut'): { matches: Match[]; open: number }
  /** The maximum length of a match, in bytes. */
  readonly longest: number
}

export class Pieces {
  readonly #redactor: Searcher
  /** The text that is not redacted yet, preceded by text that a match may include. Offsets are those in the whole text. */
  #window: Buffer = Buffer.alloc(0)
  #windowStart = 0
  #settled = 0
  #waiting: { start: number; bytes: Buffer }[] = []
  #matches: Match[] = []

  constructor(redactor: Searcher) {
    this.#redactor = redactor
  }

  /** Returns the pieces that can be redacted now, in order: none while the text ends with what may be the beginning of a secret. */
  push(piece: Buffer): Buffer[] {
    const start = this.#windowStart + this.#window.length
    this.#waiting.push({ start, bytes: piece })
    this.#window = this.#window.length === 0 ? piece : Buffer.concat([this.#window, piece])
    return this.#settle('more')
  }

  /** Returns the remaining pieces. @param how `cut` if the text may have been truncated at its end. */
  end(how: 'end' | 'cut' = 'end'): Buffer[] {
    return this.#settle(how)
  }

  #settle(then: 'more' | 'end' | 'cut'): Buffer[] {
    const { matches, open } = this.#redactor.search(this.#window, then)
    const before = this.#settled
    let settled = Math.max(before, this.#windowStart + open)
    let keep = settled
    for (const { start, end, ...match } of matches) {
      const place = { start: this.#windowStart + start, end: this.#windowStart + end }
      if (place.start >= settled) break
      settled = Math.max(settled, place.end)
      // A match that begins inside this one may end after it.
      if (place.end === settled) keep = place.start
      if (place.end > before) this.#matches.push({ ...match, ...place })
    }
    const kept = Math.max(keep, settled - this.#redactor.longest)
    const from = Math.max(this.#windowStart, Math.min(kept, settled - longestMark))
    this.#window = this.#window.subarray(from - this.#windowStart)
    this.#windowStart = from
    this.#settled = settled
    return this.#take()
  }

  #take(): Buffer[] {
    const count = this.#waiting.findIndex(({ start, bytes }) => start + bytes.length > this.#settled)
    return this.#waiting.splice(0, count === -1 ? this.#waiting.length : count).map(piece => this.#redacted(piece))
  }

  #redacted({ start, bytes }: { start: number; bytes: Buffer }): Buffer {
    const end = start + bytes.length
    const result: Buffer[] = []
    let at = start
    for (const match of this.#matches) {
      if (match.start >= end) break
      if (match.end <= at) continue
      if (match.start >= at)
        result.push(bytes.subarray(at - start, match.start - start), match.pattern.replacement(match.length))
      at = Math.min(end, match.end)
    }
    this.#matches = this.#matches.filter(match => match.end > end)
    if (result.length === 0 && at === start) return bytes
    return Buffer.concat([...result, bytes.subarray(at - start)])
  }
}
