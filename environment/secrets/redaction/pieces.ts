/** Redacts a text that comes in pieces: each piece for itself, although a secret may be split over several of them. */
import type { Pattern } from './patterns.ts'

/** Of what is settled, in bytes, as much as the mark of a cut takes. */
const longestMark = 64

/** Where a secret stands. */
export interface Match {
  start: number
  end: number
  /** Without colours that are within. */
  length: number
  pattern: Pattern
}

/** Finds secrets in a part of a text, and from where on more of the text has to be known. */
export interface Searcher {
  search(bytes: Buffer, then: 'more' | 'end' | 'cut'): { matches: Match[]; open: number }
  /** The most that a secret takes, in bytes. */
  readonly longest: number
}

export class Pieces {
  readonly #redactor: Searcher
  /** What is not settled, and before it what it may belong to. Places are those in the whole text. */
  #window: Buffer = Buffer.alloc(0)
  #windowStart = 0
  #settled = 0
  #waiting: { start: number; bytes: Buffer }[] = []
  #matches: Match[] = []

  constructor(redactor: Searcher) {
    this.#redactor = redactor
  }

  /** Returns the pieces that are settled by this one, in order: none as long as it ends like the beginning of a secret. */
  push(piece: Buffer): Buffer[] {
    const start = this.#windowStart + this.#window.length
    this.#waiting.push({ start, bytes: piece })
    this.#window = this.#window.length === 0 ? piece : Buffer.concat([this.#window, piece])
    return this.#settle('more')
  }

  /** Returns the rest of the pieces. @param how What the end of the text is: what follows may have been cut off. */
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
      // What begins within it may end after it.
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
