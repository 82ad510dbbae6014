/** Checks the names of variables, as written in `${...}`. */
import { parsePath } from '../parse/field-path.ts'

/** Variables with a value that no other run uses. */
export const uniqueNames: readonly string[] = ['unique.email', 'unique.name', 'unique.id']

/** What is wrong with a name; undefined if it is valid. @param known The variables that the scenario defines. */
export function faultOfName(name: string, known: ReadonlySet<string>): string | undefined {
  if (/^(?:env|secret):[A-Za-z_]\w*$/.test(name) || uniqueNames.includes(name)) return undefined
  if (/^(?:env|secret):/.test(name))
    return `\${${name}} is not the name of an environment variable: use letters, digits and _.`
  if (name.startsWith('unique.')) return `There is no \${${name}}; there are ${listOf(uniqueNames)}.`
  const [root] = /^[A-Za-z_]\w*/.exec(name) ?? []
  if (root === undefined || !isPath(name)) {
    return `\${${name}} is not a variable: write a name, such as \${id}, \${env:NAME} or \${unique.email}.`
  }
  if (known.has(root)) return undefined
  const names = known.size > 0 ? listOf([...known]) : 'none'
  return `There is no variable ${root}: define it in a table, or with Save above, such as Save Field id As id; defined so far: ${names}.`
}

function isPath(name: string): boolean {
  try {
    return parsePath(name).length > 0
  } catch {
    return false
  }
}

function listOf(names: readonly string[]): string {
  return names.length === 1 ? String(names[0]) : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
