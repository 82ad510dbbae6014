/** The values of the variables in a sentence, which reports show beside it. */
import { isCredentialHeader, isCredentialName } from '../../environment/secrets/redaction/credentials.ts'
import type { Variables } from './variables.ts'

/** Of one value, in characters. */
const longest = 200

const mark = '[redacted]'

/**
 * By the names of the variables. Left out are secrets, environment variables, what was saved from them or from a cookie, what is
 * named like a credential, and what has no value yet, of which the sentence itself complains.
 * @param hide Removes secrets. Applied before a value is shortened, because part of a secret would not be recognized.
 */
export function stepParams(text: string, variables: Variables, hide: (text: string) => string): Record<string, string> {
  const params: Record<string, string> = {}
  for (const [, name = ''] of text.matchAll(/\$\{([^{}\s:]+)\}/g)) {
    if (variables.exposureOf(name) !== 'shown') continue
    const value = shown(name, variables, hide)
    if (value !== undefined) params[name] = value.length > longest ? `${value.slice(0, longest)}…` : value
  }
  return params
}

/** What reports show beside the sentence: `user.id = 7, tags = ["a"]`; undefined without parameters. */
export function stepSubtitle(params: Readonly<Record<string, string>>): string | undefined {
  const values = Object.entries(params).map(([name, value]) => `${name} = ${value}`)
  return values.length > 0 ? values.join(', ') : undefined
}

function shown(name: string, variables: Variables, hide: (text: string) => string): string | undefined {
  let value: unknown
  try {
    value = variables.valueOf(name)
  } catch {
    return undefined
  }
  const hidden = (text: string) => hide(withoutCredentials(text))
  if (typeof value === 'string') return hidden(value)
  // JSON escapes quotes, so that a secret with a quote would not be recognized in it.
  const json = JSON.stringify(value, (member, part: unknown) => {
    if (isCredentialHeader(member)) return mark
    return typeof part === 'string' ? hidden(part) : part
  })
  return hide(json)
}

/** Without the values of credentials in the query of a URL. */
function withoutCredentials(text: string): string {
  return text.replace(/([?&#]([\w.%-]+)=)[^&#\s"'<>]+/g, (whole, before: string, name: string) =>
    isCredentialName(name) ? `${before}${mark}` : whole,
  )
}
