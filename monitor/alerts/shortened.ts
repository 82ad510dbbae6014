/** Shortens texts for receivers that reject longer ones. */

/** At most this many UTF-16 code units, of which the last is `…` if something is missing; no character is cut in two. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
