/** Finds what somebody probably meant who mistyped a name. */

/** The name that takes the fewest changes of one character, if they are few; undefined when none is near. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  const candidates = [...names].map(candidate => ({ candidate, distance: distanceOf(name, candidate) }))
  const [best] = candidates.sort((one, other) => one.distance - other.distance)
  return best && best.distance <= Math.max(2, Math.floor(name.length / 3)) ? best.candidate : undefined
}

/** `did you mean users?`, or the names that there are. */
export function suggestion(name: string, names: readonly string[]): string {
  const near = nearest(name, names)
  if (near !== undefined) return `did you mean ${near}?`
  return names.length === 0 ? 'there are none' : `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`
}

/** Insertions, deletions, substitutions and swaps of neighbours. */
function distanceOf(one: string, other: string): number {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()]
  let [before, last]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, index) => index)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const steps = [at(row, j - 1) + 1, at(last, j) + 1, at(last, j - 1) + (same ? 0 : 1)]
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) steps.push(at(before, j - 2) + 1)
      row.push(Math.min(...steps))
    }
    ;[before, last] = [last, row]
  }
  return at(last, b.length)
}

function at(row: number[] | undefined, index: number): number {
  return row?.[index] ?? Number.POSITIVE_INFINITY
}
