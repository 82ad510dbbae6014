/** The text of a file, decoded and with line ends normalized to `\n`, and a map from offsets to lines and columns. */

/** Both are 1-based. */
export interface Place {
  line: number
  column: number
}

export class Source {
  readonly text: string
  /** The offset of the first bytes that could not be decoded, if any. */
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

  /** The offset of the first character of a line. */
  offsetOf(line: number): number {
    return this.#lineStarts[line - 1] ?? this.text.length
  }

  /** Without the line end. */
  line(number: number): string {
    const start = this.offsetOf(number)
    return this.text.slice(start, this.endOfLine(start))
  }

  /** The offset of the end of the line that contains `offset`. */
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

/** Some editors save UTF-16, with a byte-order mark, under the name "Unicode". */
function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return 'utf-8'
}
