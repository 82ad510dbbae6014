/** The values of the variables in a sentence, which reports show beside it. */
import { isCredentialName } from '../../environment/secrets/redaction/credentials.ts'
import type { Values } from '../parse/template.ts'

/** Of one value, in characters. */
const longest = 200

/**
 * By the names of the variables. Left out are secrets, environment variables, what is named like a credential, and what has no
 * value yet, of which the sentence itself complains.
 */
export function stepParams(text: string, variables: Values): Record<string, string> {
  const params: Record<string, string> = {}
  for (const [, name = ''] of text.matchAll(/\$\{([^{}\s:]+)\}/g)) {
    if (name.split(/[.[\]]+/).some(isCredentialName)) continue
    const value = shown(name, variables)
    if (value !== undefined) params[name] = value.length > longest ? `${value.slice(0, longest)}…` : value
  }
  return params
}

/** What reports show beside the sentence: `user.id = 7, tags = ["a"]`; undefined without parameters. */
export function stepSubtitle(params: Readonly<Record<string, string>>): string | undefined {
  const values = Object.entries(params).map(([name, value]) => `${name} = ${value}`)
  return values.length > 0 ? values.join(', ') : undefined
}

function shown(name: string, variables: Values): string | undefined {
  try {
    const value = variables.valueOf(name)
    return typeof value === 'string' ? value : JSON.stringify(value)
  } catch {
    return undefined
  }
}
