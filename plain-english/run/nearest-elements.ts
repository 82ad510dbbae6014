/** Suggests elements of a page for one that was not found, by role and accessible name. */
import leven from 'leven'
import { ariaRoles, type Element, wordForRole } from '../compile/element.ts'

/** The most suggestions, and the most lines of a snapshot. */
const most = 3
const mostLines = 30

/** The greatest distance of a name, from 0, the same, to 1, nothing in common. */
const furthest = 0.6

/** Such as `button "Sign in"`, nearest first. @param snapshot As Playwright's `ariaSnapshot` returns it. */
export function nearestElements(snapshot: string, { role, name }: Element): string[] {
  const roles: readonly string[] = role === undefined ? [] : ariaRoles(role)
  const scored = namedElements(snapshot).map(found => {
    const word = wordForRole(found.role)
    const isOther = roles.length > 0 && !roles.includes(found.role)
    return { text: `${word} ${JSON.stringify(found.name)}`, distance: distance(name, found.name) + (isOther ? 0.1 : 0) }
  })
  const near = scored.filter(({ distance }) => distance <= furthest).sort((one, other) => one.distance - other.distance)
  return [...new Set(near.map(({ text }) => text))].slice(0, most)
}

/** The first lines of a snapshot, for a message. */
export function wordedSnapshot(snapshot: string): string {
  const lines = snapshot.split('\n')
  const left = lines.length - mostLines
  return [...lines.slice(0, mostLines), ...(left > 0 ? [`… (${left} more lines)`] : [])].join('\n  ')
}

/** A line of a snapshot is `- button "Sign in" [disabled]:`, in single quotes if YAML needs them. */
function namedElements(snapshot: string): { role: string; name: string }[] {
  return snapshot.split('\n').flatMap(line => {
    const [, quote = '', role = '', quoted = ''] = /^\s*- ('?)([a-z]+) ("(?:[^"\\]|\\.)*")/.exec(line) ?? []
    if (role === '') return []
    return [{ role, name: nameIn(quote === '' ? quoted : quoted.replaceAll("''", "'")) }]
  })
}

function nameIn(quoted: string): string {
  try {
    return JSON.parse(quoted)
  } catch {
    return quoted.slice(1, -1)
  }
}

/** Ignores case. A name that contains the other one is near. */
function distance(wanted: string, found: string): number {
  const [one, other] = [wanted.trim().toLowerCase(), found.trim().toLowerCase()]
  if (one === other) return 0
  const whole = leven(one.slice(0, 100), other.slice(0, 100)) / Math.max(one.length, other.length, 1)
  // As if the longer one were cut: `Sing in` is near to `Sign in help`.
  const start =
    other.length > one.length ? leven(one.slice(0, 100), other.slice(0, one.length)) / Math.max(one.length, 1) + 0.2 : 1
  const contained = one.length > 2 && other.length > 2 && (one.includes(other) || other.includes(one)) ? 0.3 : 1
  return Math.min(whole, start, contained)
}
