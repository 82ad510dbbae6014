/** Marks in a text at which Playwright and others have cut something off, and the colours with which terminals show it. */

export interface Uncoloured {
  /** Without the colours. */
  readonly bytes: Buffer
  /** How many of them are not the beginning of a colour or of a mark. */
  readonly end: number
  /** Where something was cut off, in order: between `start` and `end` stands what tells so. */
  readonly cuts: readonly Cut[]
  /** Where a place in these bytes is in the text. */
  placeOf(place: number): number
}

interface Cut {
  start: number
  end: number
}

const colourMark = Buffer.from('\x1b[')
/** After backslashes, in JSON. */
const escapedColourMark = Buffer.from('u001b[')
const marks = [
  ...['…', '...', 'u2026'],
  // The ends of messages, in stacks and in Playwright's summary of an error.
  ...['\n    at ', 'n    at ', '\n```', 'n```'],
].map(mark => Buffer.from(mark))
/** What stands after backslashes in JSON. */
const escaped = /^[un]/
const replacementCharacter = Buffer.from('\ufffd')
const backslash = 0x5c

/** The beginning of a colour or an ellipsis, at the end of a text. */
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

/** A text without its colours, in which a matcher may have split a secret. */
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
    // A text that a matcher shows in grey may have been cut before its colour ends.
    cuts: cutsIn(bytes, places.slice(1)),
    placeOf(place) {
      const part = lastAtMost(places, place)
      return (starts[part] ?? 0) + place - (places[part] ?? 0)
    },
  }
}

/** Where a text ends that was cut within a character of which something is left. */
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

/** Where the backslashes begin that belong to an escape: of JSON in JSON twice as many, and those of a text stand before them. */
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

/** The last of ascending numbers that is not greater than a number. */
function lastAtMost(numbers: readonly number[], most: number): number {
  let [low, high] = [0, numbers.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((numbers[middle] ?? 0) <= most) low = middle
    else high = middle - 1
  }
  return low
}
