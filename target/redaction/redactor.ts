/** Takes secrets out of texts and streams, in whichever form they stand there. */
import { Transform } from 'node:stream'
import { secretValue } from '../secret.ts'
import { type Pattern, patternsOf } from './patterns.ts'

interface Match {
  start: number
  end: number
  pattern: Pattern
}

export class Redactor {
  readonly #patterns: readonly Pattern[]
  readonly #longest: number

  /** @param secrets Their values by name; the name takes the value's place, as `[NAME]`. */
  constructor(secrets: ReadonlyMap<string, string>) {
    this.#patterns = [...secrets].flatMap(([name, value]) => patternsOf(name, value))
    this.#longest = Math.max(0, ...this.#patterns.map(({ bytes }) => bytes.length))
  }

  /** For secrets in the environment. Throws for one that is not set or too short. */
  static of(names: readonly string[], env: NodeJS.ProcessEnv): Redactor {
    return new Redactor(new Map(names.map(name => [name, secretValue(name, env)])))
  }

  /** Whether there is anything to look for. */
  get isIdle(): boolean {
    return this.#patterns.length === 0
  }

  text(text: string): string {
    if (this.isIdle) return text
    const bytes = Buffer.from(text)
    const redacted = this.bytes(bytes)
    return redacted === bytes ? text : redacted.toString()
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

  /** In the order of their places; those that overlap are one, so that no end of a secret is left. */
  #find(bytes: Buffer): Match[] {
    const found: Match[] = []
    for (const pattern of this.#patterns) {
      const { length } = pattern.bytes
      for (let at = bytes.indexOf(pattern.bytes); at !== -1; at = bytes.indexOf(pattern.bytes, at + 1)) {
        found.push({ start: at, end: at + length, pattern })
      }
    }
    found.sort((one, other) => one.start - other.start || other.end - one.end)
    const joined: Match[] = []
    for (const match of found) {
      const last = joined.at(-1)
      if (last && match.start < last.end) last.end = Math.max(last.end, match.end)
      else joined.push(match)
    }
    return joined
  }
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
