/** The text of a file as its writer's editor shows it: decoded, with one kind of line end, and with the place of each character. */

/** Both begin at 1. */
export interface Place {
  line: number
  column: number
}

export class Source {
  readonly text: string
  /** Where the first character stands that nobody can read, if there is one. */
  readonly broken: number | undefined
  readonly #lineStarts: number[]

  constructor(content: Uint8Array | string) {
    const { text, isBroken } = typeof content === 'string' ? { text: content, isBroken: false } : decoded(content)
    this.text = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
    this.broken = isBroken ? Math.max(this.text.indexOf('\uFFFD'), 0) : undefined
    this.#lineStarts = [0]
    for (let end = this.text.indexOf('\n'); end >= 0; end = this.text.indexOf('\n', end + 1)) {
      this.#lineStarts.push(end + 1)
    }
  }

  placeOf(offset: number): Place {
    let [low, high] = [0, this.#lineStarts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 }
  }

  /** Of the first character of a line. */
  offsetOf(line: number): number {
    return this.#lineStarts[line - 1] ?? this.text.length
  }

  /** Without its end. */
  line(number: number): string {
    const start = this.offsetOf(number)
    return this.text.slice(start, this.endOfLine(start))
  }

  /** Where the line ends in which a character stands. */
  endOfLine(offset: number): number {
    const end = this.text.indexOf('\n', offset)
    return end < 0 ? this.text.length : end
  }
}

function decoded(content: Uint8Array): { text: string; isBroken: boolean } {
  const encoding = encodingOf(content)
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(content), isBroken: false }
  } catch {
    return { text: new TextDecoder(encoding).decode(content), isBroken: true }
  }
}

/** What some editors call Unicode is UTF-16; they say so in the first two bytes. */
function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return 'utf-8'
}
