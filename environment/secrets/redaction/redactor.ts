/** Replaces secrets in texts and streams, in each of their forms. */
import { Transform } from 'node:stream'
import { secretValue } from '../secret.ts'
import { endOfCut, type Uncoloured, uncoloured } from './cuts.ts'
import { PatternSearch } from './pattern-search.ts'
import { fewPatternsOf, type Pattern, patternsOf, plainPatternsOf } from './patterns.ts'
import { type Match, Pieces, type Searcher } from './pieces.ts'
import { validJson } from './valid-json.ts'

/** The shortest part of a secret, in bytes, that is redacted at a truncation: shorter ones occur in ordinary text. */
const shortestPart = 6

/** Playwright truncates long values, such as tokens, at 200 characters; of a found value so many bytes may stay there. */
const shortestFoundPart = 12

/** Shorter found values are not truncated, in characters. */
const shortestCuttable = 24

export class Redactor implements Searcher {
  readonly #patterns: readonly Pattern[]
  readonly #search: PatternSearch
  /** The patterns long enough to be recognized when truncated. */
  readonly #cuttable: readonly Pattern[]
  /** Whether a shortest part of those has this hash, for a quick check before the patterns are compared. */
  readonly #parts: Uint8Array
  /** The values found that are long enough to be truncated, as they are: their beginnings are searched for before a truncation. */
  readonly #cuttableFound: PatternSearch
  /** The length of the longest pattern, in bytes. */
  readonly longest: number

  /**
   * @param secrets Values by name; a value is replaced by `[NAME]`.
   * @param found Names by value, for the many that were found rather than declared: searched for in fewer forms, and whole or at
   * their beginning only.
   */
  constructor(secrets: ReadonlyMap<string, string>, found: ReadonlyMap<string, string> = new Map()) {
    const declared = [...secrets].flatMap(([name, value]) => patternsOf(name, value))
    const others = [...found].flatMap(([value, name]) => fewPatternsOf(name, value))
    this.#patterns = [...declared, ...others]
    this.#search = new PatternSearch(this.#patterns)
    this.#cuttable = declared.filter(({ bytes }) => bytes.length > shortestPart)
    const long = [...found].filter(([value]) => value.length >= shortestCuttable)
    this.#cuttableFound = new PatternSearch(long.flatMap(([value, name]) => plainPatternsOf(name, value)))
    this.#parts = hashesOfParts(this.#cuttable)
    this.longest = Math.max(0, ...this.#patterns.map(({ bytes }) => bytes.length))
  }

  /** For secrets in environment variables. Throws for one that is not set or too short. */
  static of(names: readonly string[], env: NodeJS.ProcessEnv): Redactor {
    return new Redactor(new Map(names.map(name => [name, secretValue(name, env)])))
  }

  /** Whether there are no secrets to search for. */
  get isIdle(): boolean {
    return this.#patterns.length === 0
  }

  /**
   * Redacts a text that may have been truncated anywhere: a part of a secret at its beginning or end counts as the secret.
   * JSON stays valid.
   */
  text(text: string): string {
    if (this.isIdle) return text
    return this.#validJson(text, part => this.#truncated(part))
  }

  /** Redacts complete lines. A line that is JSON stays valid. */
  lines(text: string): string {
    if (this.isIdle) return text
    const redacted = this.#complete(text)
    if (redacted === text) return text
    const [before, after] = [linesOf(text), linesOf(redacted)]
    // A secret of several lines may have joined some.
    const known = before.length === after.length ? after : undefined
    const valid = before.map((line, n) => this.#validJson(line, part => this.#complete(part), known?.[n])).join('')
    // A secret of several lines is not found in one line.
    return this.#complete(valid) === valid ? valid : redacted
  }

  #validJson(text: string, redact: (text: string) => string, redacted = redact(text)): string {
    return validJson(text, redacted, redact, result => this.#complete(result) === result)
  }

  #complete(text: string): string {
    const bytes = Buffer.from(text)
    const redacted = this.bytes(bytes)
    return redacted === bytes ? text : redacted.toString()
  }

  #truncated(text: string): string {
    const bytes = Buffer.from(text)
    const plain = uncoloured(bytes)
    const matches = joined([
      ...this.#find(plain),
      ...this.#partsAt(plain.bytes, 0, 'after'),
      ...this.#partsAtEnd(plain),
    ])
    return matches.length === 0 ? text : Buffer.concat(replaced(bytes, placed(matches, plain))).toString()
  }

  /** Redacts bytes; returns the same buffer if there is no secret in it. */
  bytes(bytes: Buffer): Buffer {
    const plain = uncoloured(bytes)
    const matches = joined(this.#find(plain))
    return matches.length === 0 ? bytes : Buffer.concat(replaced(bytes, placed(matches, plain)))
  }

  /** Redacts a complete body; JSON stays valid. Returns the same buffer if there is no secret in it. */
  body(bytes: Buffer): Buffer {
    const redacted = this.bytes(bytes)
    if (redacted === bytes || !isLikeJson(bytes)) return redacted
    return Buffer.from(this.#validJson(bytes.toString(), part => this.#complete(part), redacted.toString()))
  }

  /** Returns a stream that redacts; a secret may be split over any number of chunks. */
  stream(): Transform {
    const pieces = this.pieces()
    return new Transform({
      transform(chunk, _encoding, done) {
        for (const piece of pieces.push(chunk)) this.push(piece)
        done()
      },
      flush(done) {
        for (const piece of pieces.end()) this.push(piece)
        done()
      },
    })
  }

  /** Redacts pieces of a text and keeps their division; a secret may be split over any number of pieces. */
  pieces(): Pieces {
    return new Pieces(this)
  }

  /** The matches in a part of a text, and the offset from which on they depend on more text. @param then What follows the part. */
  search(bytes: Buffer, then: 'more' | 'end' | 'cut'): { matches: Match[]; open: number } {
    const plain = uncoloured(bytes)
    const found = [...this.#find(plain), ...(then === 'cut' ? this.#partsAtEnd(plain) : [])]
    const open = then === 'more' ? plain.placeOf(this.#open(plain)) : bytes.length
    return { matches: placed(joined(found), plain), open }
  }

  #find(plain: Uncoloured): Match[] {
    const found = this.#search.find(plain.bytes)
    for (const { start, end } of plain.cuts) {
      found.push(...this.#partsAt(plain.bytes, start, 'before'), ...this.#partsAt(plain.bytes, end, 'after'))
    }
    return found
  }

  #partsAtEnd({ bytes }: Uncoloured): Match[] {
    return [...new Set([bytes.length, endOfCut(bytes, bytes.length)])].flatMap(end =>
      this.#partsAt(bytes, end, 'before'),
    )
  }

  /** Parts of secrets directly before or after a truncation. */
  #partsAt(bytes: Buffer, at: number, side: 'before' | 'after'): Match[] {
    const beginnings = side === 'before' ? this.#beginningOfFound(bytes, at) : []
    const first = side === 'before' ? at - shortestPart : at
    if (first < 0 || first + shortestPart > bytes.length || !this.#parts[hashAt(bytes, first)]) return beginnings
    const parts = this.#cuttable.flatMap(pattern => {
      const length =
        side === 'before' ? partThatEnds(bytes, at, pattern.bytes) : partThatBegins(bytes, at, pattern.bytes)
      const start = side === 'before' ? at - length : at
      return length === 0 ? [] : [{ start, end: start + length, length, pattern }]
    })
    return [...parts, ...beginnings]
  }

  #beginningOfFound(bytes: Buffer, end: number): Match[] {
    const beginning = this.#cuttableFound.unfinished(bytes, end)
    if (!beginning || end - beginning.at < shortestFoundPart) return []
    return [{ start: beginning.at, end, length: end - beginning.at, pattern: beginning.pattern }]
  }

  /** The offset of the first text that may form a secret, or a truncated one, with what follows the bytes. */
  #open(plain: Uncoloured): number {
    const { bytes, end } = plain
    let open = bytes.length
    for (const last of new Set([end, bytes.length])) {
      open = Math.min(open, this.#search.unfinished(bytes, last)?.at ?? open)
    }
    const after = plain.cuts.at(-1)?.end ?? end
    const rest = bytes.subarray(after, end)
    if (rest.length > 0 && this.#cuttable.some(pattern => pattern.bytes.indexOf(rest) > 0)) open = Math.min(open, after)
    return open
  }
}

/** Whether a text begins as JSON objects and lists do. */
export function isLikeJson(bytes: Buffer): boolean {
  return /^\s*[[{]/.test(bytes.toString('latin1', 0, 100))
}

/** Sorts matches by offset and merges those that overlap, so that no end of a secret is left. */
function joined(found: readonly Match[]): Match[] {
  const sorted = found.toSorted((one, other) => one.start - other.start || other.end - one.end)
  const result: Match[] = []
  for (const match of sorted) {
    const last = result.at(-1)
    if (last && match.start < last.end) {
      last.end = Math.max(last.end, match.end)
      last.length = last.end - last.start
    } else result.push({ ...match })
  }
  return result
}

/** Converts matches to offsets in the text with its colours. */
function placed(matches: readonly Match[], { placeOf }: Uncoloured): Match[] {
  return matches.map(match => ({ ...match, start: placeOf(match.start), end: placeOf(match.end - 1) + 1 }))
}

/** With their line feeds. */
function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/)
}

/** A set of the parts as texts took most of the time in which a redactor is made. */
function hashesOfParts(patterns: readonly Pattern[]): Uint8Array {
  const hashes = new Uint8Array(hashCount)
  for (const { bytes } of patterns) {
    for (let at = 0; at + shortestPart <= bytes.length; at++) hashes[hashAt(bytes, at)] = 1
  }
  return hashes
}

/** A power of two. */
const hashCount = 2 ** 17

/** Of the shortest part at an offset. */
function hashAt(bytes: Buffer, at: number): number {
  let hash = 0
  for (let offset = at; offset < at + shortestPart; offset++) hash = Math.imul(hash, 0x9e3779b1) + (bytes[offset] ?? 0)
  return (hash ^ (hash >>> 15)) & (hashCount - 1)
}

/** The number of bytes from the beginning of a secret that end at an offset; 0 if too few. */
function partThatEnds(bytes: Buffer, end: number, secret: Buffer): number {
  const most = Math.min(secret.length - 1, end) - shortestPart
  if (most < 0) return 0
  const last = bytes.subarray(end - shortestPart, end)
  for (let at = secret.lastIndexOf(last, most); at !== -1; at = at === 0 ? -1 : secret.lastIndexOf(last, at - 1)) {
    const length = at + shortestPart
    if (secret.compare(bytes, end - length, end, 0, length) === 0) return length
  }
  return 0
}

/** The number of bytes from the end of a secret that begin at an offset; 0 if too few. */
function partThatBegins(bytes: Buffer, start: number, secret: Buffer): number {
  if (bytes.length - start < shortestPart) return 0
  const first = bytes.subarray(start, start + shortestPart)
  for (let at = secret.indexOf(first, 1); at !== -1; at = secret.indexOf(first, at + 1)) {
    const length = secret.length - at
    if (start + length <= bytes.length && secret.compare(bytes, start, start + length, at) === 0) return length
  }
  return 0
}

/** The bytes in pieces, with the matches replaced. */
function replaced(bytes: Buffer, matches: readonly Match[]): Buffer[] {
  const pieces: Buffer[] = []
  let at = 0
  for (const { start, end, length, pattern } of matches) {
    pieces.push(bytes.subarray(at, start), pattern.replacement(length))
    at = end
  }
  return [...pieces, bytes.subarray(at)]
}
