/** Finds the marks at which Playwright and other programs have truncated a text, and removes terminal colours. */

export interface Uncoloured {
  /** The text without colours. */
  readonly bytes: Buffer
  /** The length without an incomplete colour or mark at the end. */
  readonly end: number
  /** The truncations, in order; the mark is between `start` and `end`. */
  readonly cuts: readonly Cut[]
  /** Converts an offset in these bytes to an offset in the text. */
  placeOf(place: number): number
}

interface Cut {
  start: number
  end: number
}

const colourMark = Buffer.from('\x1b[')
/** The same in JSON, where backslashes precede it. */
const escapedColourMark = Buffer.from('u001b[')
const marks = [
  ...['…', '...', 'u2026'],
  // What follows a message, in stacks and in Playwright's summary of an error.
  ...['\n    at ', 'n    at ', '\n```', 'n```'],
].map(mark => Buffer.from(mark))
/** The marks that backslashes precede, in JSON. */
const escaped = /^[un]/
const replacementCharacter = Buffer.from('\ufffd')
const backslash = 0x5c

/** An incomplete colour or mark at the end of a text. */
const unfinished = new RegExp(
  [
    `${String.fromCharCode(0x1b)}(?:\\[[0-9;]{0,12})?$`,
    '\\\\{1,8}(?:u(?:0(?:0(?:1(?:b(?:\\[[0-9;]{0,12})?)?)?)?)?)?$',
    '\\\\{1,8}u2(?:02?)?$',
    '\\.{1,2}$',
    '(?:\n|\\\\{1,8}n)(?: {1,4}(?:at?)?|`{1,2})?$',
    '\xe2\x80?$',
  ].join('|'),
  'i',
)

/** Removes colours, which a matcher may have put inside a secret. */
export function uncoloured(text: Buffer): Uncoloured {
  const colours = coloursIn(text)
  if (colours.length === 0) {
    return { bytes: text, end: endOf(text), cuts: cutsIn(text, []), placeOf: place => place }
  }
  const [parts, places, starts]: [Buffer[], number[], number[]] = [[], [], []]
  let [at, length] = [0, 0]
  for (const { start, end } of [...colours, { start: text.length, end: text.length }]) {
    starts.push(at)
    places.push(length)
    parts.push(text.subarray(at, start))
    length += start - at
    at = end
  }
  const bytes = Buffer.concat(parts)
  return {
    bytes,
    end: endOf(bytes),
    // A matcher may have truncated the text that it shows in grey before the colour's end.
    cuts: cutsIn(bytes, places.slice(1)),
    placeOf(place) {
      const part = lastAtMost(places, place)
      return (starts[part] ?? 0) + place - (places[part] ?? 0)
    },
  }
}

/** The end of a truncated text without the rest of a character that the truncation has split. */
export function endOfCut(bytes: Buffer, end: number): number {
  if (bytes.subarray(Math.max(0, end - 3), end).equals(replacementCharacter)) return end - 3
  const half = /\\ud[89ab][0-9a-f]{2}$/i.test(bytes.toString('latin1', Math.max(0, end - 6), end))
  return half ? beforeBackslashes(bytes, end - 5) : end
}

function cutsIn(bytes: Buffer, colours: readonly number[]): Cut[] {
  const cuts = colours.flatMap(place => startsOf(bytes, place).map(start => ({ start, end: endOfMark(bytes, place) })))
  for (const mark of marks) {
    const isEscaped = escaped.test(mark.toString())
    for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + 1)) {
      const start = isEscaped ? beforeBackslashes(bytes, at) : at
      if (isEscaped && start === at) continue
      const end = endOfMark(bytes, at + mark.length)
      cuts.push(...startsOf(bytes, start).map(start => ({ start, end })))
    }
  }
  return cuts.sort((one, other) => one.end - other.end)
}

function startsOf(bytes: Buffer, start: number): number[] {
  const whole = endOfCut(bytes, start)
  return whole === start ? [start] : [start, whole]
}

function endOfMark(bytes: Buffer, end: number): number {
  if (bytes.subarray(end, end + 3).equals(replacementCharacter)) return end + 3
  const half = bytes[end] === backslash && /^\\{1,8}ud[c-f][0-9a-f]{2}/i.exec(bytes.toString('latin1', end, end + 13))
  return half ? end + half[0].length : end
}

function coloursIn(text: Buffer): Cut[] {
  const found: Cut[] = []
  for (const mark of [colourMark, escapedColourMark]) {
    for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1)) {
      const start = mark === colourMark ? at : beforeBackslashes(text, at)
      const rest = /^[0-9;]{0,12}m/.exec(text.toString('latin1', at + mark.length, at + mark.length + 13))
      if (rest && (mark === colourMark || start < at)) found.push({ start, end: at + mark.length + rest[0].length })
    }
  }
  return found.sort((one, other) => one.start - other.start)
}

/** The start of the backslashes of an escape. JSON in JSON doubles them; backslashes of the text itself may precede them. */
function beforeBackslashes(text: Buffer, at: number): number {
  let start = at
  while (text[start - 1] === backslash) start--
  const count = at - start
  return at - (count & -count)
}

function endOf(bytes: Buffer): number {
  const tail = bytes.toString('latin1', Math.max(0, bytes.length - 32))
  return bytes.length - (unfinished.exec(tail)?.[0].length ?? 0)
}

/** The index of the last of ascending numbers that is at most `most`. */
function lastAtMost(numbers: readonly number[], most: number): number {
  let [low, high] = [0, numbers.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((numbers[middle] ?? 0) <= most) low = middle
    else high = middle - 1
  }
  return low
}
