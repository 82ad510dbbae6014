/** Finds any number of patterns in one pass over the bytes. */
import type { Pattern } from './patterns.ts'
import type { Match } from './pieces.ts'

export class PatternSearch {
  /** By their first four bytes. */
  readonly #byBeginning = new Map<number, Pattern[]>()
  /** Whether a pattern begins with these two bytes, which most offsets do not. */
  readonly #firstTwo = new Uint8Array(65_536)
  /** Those of fewer than four bytes. */
  readonly #short: Pattern[] = []
  /** By one, two or three bytes: the first pattern that begins with them and is longer. */
  readonly #byShortBeginning = new Map<string, Pattern>()
  readonly #longest: number

  constructor(patterns: readonly Pattern[]) {
    this.#longest = patterns.reduce((most, { bytes }) => Math.max(most, bytes.length), 0)
    for (const pattern of patterns) {
      const { bytes } = pattern
      for (let length = 1; length <= Math.min(3, bytes.length - 1); length++) {
        const beginning = bytes.toString('latin1', 0, length)
        if (!this.#byShortBeginning.has(beginning)) this.#byShortBeginning.set(beginning, pattern)
      }
      if (bytes.length < 4) {
        this.#short.push(pattern)
        continue
      }
      const beginning = bytes.readInt32BE(0)
      const others = this.#byBeginning.get(beginning)
      if (others) others.push(pattern)
      else this.#byBeginning.set(beginning, [pattern])
      this.#firstTwo[bytes.readUInt16BE(0)] = 1
    }
  }

  /**
   * The first offset from which on the bytes before `last` are the beginning of a pattern, but not all of it. Its costs
   * depend on the length of the longest pattern, not on their number.
   */
  unfinished(bytes: Buffer, last: number): { at: number; pattern: Pattern } | undefined {
    for (let at = Math.max(0, last - this.#longest + 1); at < last; at++) {
      const length = last - at
      if (length < 4) {
        const pattern = this.#byShortBeginning.get(bytes.toString('latin1', at, last))
        if (pattern) return { at, pattern }
        continue
      }
      if (this.#firstTwo[((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)] === 0) continue
      const pattern = this.#byBeginning
        .get(bytes.readInt32BE(at))
        ?.find(each => each.bytes.length > length && each.bytes.compare(bytes, at, last, 0, length) === 0)
      if (pattern) return { at, pattern }
    }
    return undefined
  }

  /** Every occurrence of every pattern, also those that overlap. */
  find(bytes: Buffer): Match[] {
    const found: Match[] = []
    const last = bytes.length - 4
    for (let at = 0; at <= last; at++) {
      if (this.#firstTwo[((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)] === 0) continue
      for (const pattern of this.#byBeginning.get(bytes.readInt32BE(at)) ?? []) {
        const end = at + pattern.bytes.length
        if (end <= bytes.length && pattern.bytes.compare(bytes, at, end) === 0) found.push(matchAt(at, pattern))
      }
    }
    for (const pattern of this.#short) {
      for (let at = bytes.indexOf(pattern.bytes); at !== -1; at = bytes.indexOf(pattern.bytes, at + 1)) {
        found.push(matchAt(at, pattern))
      }
    }
    return found
  }
}

const matchAt = (start: number, pattern: Pattern): Match => ({
  start,
  end: start + pattern.bytes.length,
  length: pattern.bytes.length,
  pattern,
})
