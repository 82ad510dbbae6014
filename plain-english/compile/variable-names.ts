/** Names that can stand in `${...}`, and what is wrong with one that cannot. */
import { parsePath } from '../parse/field-path.ts'

/** Have a new value in each scenario. */
export const uniqueNames: readonly string[] = ['unique.email', 'unique.name', 'unique.id']

/** Why a name can never be a variable's; undefined if it can. `known` are the names that a scenario gives. */
export function faultOfName(name: string, known: ReadonlySet<string>): string | undefined {
  if (/^(?:env|secret):[A-Za-z_]\w*$/.test(name) || uniqueNames.includes(name)) return undefined
  if (/^(?:env|secret):/.test(name)) return `\${${name}} names no environment variable: use letters, digits and _.`
  if (name.startsWith('unique.')) return `There is no \${${name}}; there are ${listOf(uniqueNames)}.`
  const [root] = /^[A-Za-z_]\w*/.exec(name) ?? []
  if (root === undefined || !isPath(name)) {
    return `\${${name}} is no variable: write a name, such as \${id}, \${env:NAME} or \${unique.email}.`
  }
  if (known.has(root)) return undefined
  const names = known.size > 0 ? `here ${known.size > 1 ? 'are' : 'is'} ${listOf([...known])}` : 'none is here'
  return `There is no variable ${root}: name it in a table or with Save Field above; ${names}.`
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
