/** Suggests the known name that a mistyped one is nearest to. */
import leven from 'leven'

/** The name that takes the fewest changes of one character, if they are few; undefined when none is near. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  const typed = name.toLowerCase()
  const candidates = [...names].map(candidate => ({ candidate, distance: leven(typed, candidate.toLowerCase()) }))
  const [best] = candidates.sort((one, other) => one.distance - other.distance)
  return best && best.distance <= Math.max(2, Math.floor(name.length / 3)) ? best.candidate : undefined
}

/** `did you mean users?`, or the names that there are. */
export function suggestion(name: string, names: readonly string[]): string {
  const near = nearest(name, names)
  if (near !== undefined) return `did you mean ${near}?`
  return names.length === 0 ? 'there are none' : `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`
}
