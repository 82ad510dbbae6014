/** Shortens texts for receivers that reject longer ones. */

const segmenter = new Intl.Segmenter()

/** More code units of what is one character to readers, such as a letter with marks, are cut. */
const longestCharacter = 40

/**
 * At most this long, with `…` at the end if something is missing; no character is cut in two, also none of several code
 * points.
 * @param lengthOf Default: UTF-16 code units. It must not be less for a longer text.
 */
export function shortened(text: string, most: number, lengthOf = (text: string) => text.length): string {
  if (lengthOf(text) <= most) return text
  // The longest beginning that fits, by bisection.
  let [fits, tooLong] = [0, text.length]
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2)
    if (lengthOf(`${text.slice(0, middle)}…`) <= most) fits = middle
    else tooLong = middle
  }
  return `${text.slice(0, boundaryBefore(text, fits))}…`
}

/** The last place up to `index` at which no character is cut. */
function boundaryBefore(text: string, index: number): number {
  // A character that is too long must not take the whole text with it.
  const from = Math.max(0, index - longestCharacter)
  const start =
    from + (segmenter.segment(text.slice(from, index + longestCharacter)).containing(index - from)?.index ?? 0)
  if (start > from) return start
  return /[\ud800-\udbff]/.test(text.charAt(index - 1)) ? index - 1 : index
}
