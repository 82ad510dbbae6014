/** Takes secrets out of texts and streams, in whichever form they stand there. */
import { Transform } from 'node:stream'
import { secretValue } from '../secret.ts'
import { type Pattern, patternsOf } from './patterns.ts'

interface Match {
  start: number
  end: number
  pattern: Pattern
}

/** The shortest part of a secret, in bytes, that is redacted at a cut: shorter ones occur in ordinary text. */
const shortestPart = 6

/** Ellipses that mark a cut text, also escaped in JSON. */
const cutMarks = ['…', '...', '\\u2026'].map(mark => Buffer.from(mark))
const longestMark = Math.max(...cutMarks.map(({ length }) => length))

export class Redactor {
  readonly #patterns: readonly Pattern[]
  /** Those that can be cut, by how they begin. */
  readonly #cuttable: readonly Pattern[]
  readonly #longest: number

  /** @param secrets Their values by name; the name takes the value's place, as `[NAME]`. */
  constructor(secrets: ReadonlyMap<string, string>) {
    this.#patterns = [...secrets].flatMap(([name, value]) => patternsOf(name, value))
    this.#cuttable = this.#patterns.filter(({ bytes }) => bytes.length > shortestPart)
    this.#longest = Math.max(0, ...this.#patterns.map(({ bytes }) => bytes.length)) + longestMark
  }

  /** For secrets in the environment. Throws for one that is not set or too short. */
  static of(names: readonly string[], env: NodeJS.ProcessEnv): Redactor {
    return new Redactor(new Map(names.map(name => [name, secretValue(name, env)])))
  }

  /** Whether there is anything to look for. */
  get isIdle(): boolean {
    return this.#patterns.length === 0
  }

  /** A text that may have been cut anywhere: a part of a secret at its beginning or its end counts as the secret. */
  text(text: string): string {
    if (this.isIdle) return text
    const bytes = Buffer.from(text)
    const matches = joined([...this.#find(bytes), ...this.#partsAtEnds(bytes)])
    return matches.length === 0 ? text : Buffer.concat(replaced(bytes, matches, bytes.length)).toString()
  }

  /** The same bytes where there is nothing to take out. */
  bytes(bytes: Buffer): Buffer {
    const matches = this.#find(bytes)
    return matches.length === 0 ? bytes : Buffer.concat(replaced(bytes, matches, bytes.length))
  }

  /** Redacts bytes that pass through; a secret may be split over any number of chunks. */
  stream(): Transform {
    let rest: Buffer = Buffer.alloc(0)
    const pass = (stream: Transform, final: boolean) => {
      const matches = this.#find(rest)
      // What begins later than this may go on in the next chunk.
      let cut = final ? rest.length : Math.max(0, rest.length - this.#longest + 1)
      const whole = matches.filter(({ start }) => start < cut)
      cut = Math.max(cut, whole.at(-1)?.end ?? 0)
      for (const piece of replaced(rest, whole, cut)) stream.push(piece)
      rest = rest.subarray(cut)
    }
    return new Transform({
      transform(chunk, _encoding, done) {
        rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
        pass(this, false)
        done()
      },
      flush(done) {
        pass(this, true)
        done()
      },
    })
  }

  #find(bytes: Buffer): Match[] {
    const found: Match[] = []
    for (const pattern of this.#patterns) {
      const { length } = pattern.bytes
      for (let at = bytes.indexOf(pattern.bytes); at !== -1; at = bytes.indexOf(pattern.bytes, at + 1)) {
        found.push({ start: at, end: at + length, pattern })
      }
    }
    return joined([...found, ...this.#partsAtMarks(bytes)])
  }

  /** Finds parts of secrets directly before and after an ellipsis. */
  #partsAtMarks(bytes: Buffer): Match[] {
    const found: Match[] = []
    for (const mark of cutMarks) {
      for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + 1)) {
        for (const pattern of this.#cuttable) {
          const before = partThatEnds(bytes, at, pattern.bytes)
          if (before > 0) found.push({ start: at - before, end: at, pattern })
          const from = at + mark.length
          const after = partThatBegins(bytes, from, pattern.bytes)
          if (after > 0) found.push({ start: from, end: from + after, pattern })
        }
      }
    }
    return found
  }

  #partsAtEnds(bytes: Buffer): Match[] {
    return this.#cuttable.flatMap(pattern => {
      const before = partThatEnds(bytes, bytes.length, pattern.bytes)
      const after = partThatBegins(bytes, 0, pattern.bytes)
      return [
        ...(before > 0 ? [{ start: bytes.length - before, end: bytes.length, pattern }] : []),
        ...(after > 0 ? [{ start: 0, end: after, pattern }] : []),
      ]
    })
  }
}

/** In the order of their places; those that overlap are one, so that no end of a secret is left. */
function joined(found: readonly Match[]): Match[] {
  const sorted = found.toSorted((one, other) => one.start - other.start || other.end - one.end)
  const result: Match[] = []
  for (const match of sorted) {
    const last = result.at(-1)
    if (last && match.start < last.end) last.end = Math.max(last.end, match.end)
    else result.push({ ...match })
  }
  return result
}

/** How many bytes of the beginning of a secret end at a place; 0 for too few. */
function partThatEnds(bytes: Buffer, end: number, secret: Buffer): number {
  for (let length = Math.min(secret.length - 1, end); length >= shortestPart; length--) {
    if (secret.compare(bytes, end - length, end, 0, length) === 0) return length
  }
  return 0
}

/** How many bytes of the end of a secret begin at a place; 0 for too few. */
function partThatBegins(bytes: Buffer, start: number, secret: Buffer): number {
  for (let length = Math.min(secret.length - 1, bytes.length - start); length >= shortestPart; length--) {
    if (secret.compare(bytes, start, start + length, secret.length - length) === 0) return length
  }
  return 0
}

/** The pieces of the first `length` bytes, with replacements in the places of the matches. */
function replaced(bytes: Buffer, matches: readonly Match[], length: number): Buffer[] {
  const pieces: Buffer[] = []
  let at = 0
  for (const { start, end, pattern } of matches) {
    pieces.push(bytes.subarray(at, start), pattern.replacement(end - start))
    at = end
  }
  pieces.push(bytes.subarray(at, length))
  return pieces.filter(piece => piece.length > 0)
}
