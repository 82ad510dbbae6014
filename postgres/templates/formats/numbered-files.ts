/** Sorts files of which each name begins with a number. */
import path from 'node:path'

/** `001_name.sql`, `0002-name.sql` or `20240101120000_name.sql`; the first group is the number. */
const plain = /^(\d+)([_-].*)?\.sql$/

/** Sorts by number, not by name. Throws an error for a name without a number, and for two names with one number. */
export function sortedByNumber(folder: string, names: readonly string[], pattern = plain): string[] {
  const numbered = names.map(name => ({ name, number: numberOf(name, folder, pattern) }))
  numbered.sort((a, b) => (a.number < b.number ? -1 : a.number > b.number ? 1 : a.name < b.name ? -1 : 1))
  for (const [index, { name, number }] of numbered.entries()) {
    const next = numbered[index + 1]
    if (next?.number === number) {
      throw new Error(
        `Two migrations in ${folder} have the number ${number}: ${name} and ${next.name}. Give one of them the next free number.`,
      )
    }
  }
  return numbered.map(({ name }) => name)
}

// A bigint, since a timestamp with milliseconds exceeds the integers of a number.
function numberOf(name: string, folder: string, pattern: RegExp): bigint {
  const digits = pattern.exec(name)?.[1]
  if (digits === undefined) {
    throw new Error(`The migration ${path.join(folder, name)} has no number. Name it like 001_users.sql.`)
  }
  return BigInt(digits)
}
