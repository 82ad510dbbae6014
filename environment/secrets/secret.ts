/** Replaces secrets by named placeholders, which configurations, generated files and the ledger store instead of the values. */
import { escapeJson, urlForms } from './redaction/patterns.ts'

/** `:url`: encoded for a URL. `:json-url`: escaped for JSON, then encoded for a URL. */
const placeholder = /\$\{secret:([A-Za-z_][A-Za-z0-9_]*)(:url|:json-url)?\}/g

/** Shorter values occur in ordinary text, and redacting them would damage every report. */
export const shortest = 4

/**
 * A placeholder for the value of an environment variable, `${secret:SMOKE_TOKEN}`, wherever a configuration takes a string;
 * also as a part of one: `Bearer ${secret('SMOKE_TOKEN')}`. It may be printed and stored. Throws if the argument is not a
 * valid name of a variable.
 */
export function secret(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new Error(
      `secret(${JSON.stringify(name)}): name an environment variable in letters, digits and underscores, such as secret('SMOKE_TOKEN').`,
    )
  }
  return `\${secret:${name}}`
}

/** The names of the secrets in any JSON value, without duplicates, in the order in which they occur. */
export function secretNames(value: unknown): string[] {
  return [
    ...new Set(textsIn(value, new Set()).flatMap(text => [...text.matchAll(placeholder)].map(([, name = '']) => name))),
  ]
}

/** Options of a project may contain themselves, and values that are not JSON. */
function textsIn(value: unknown, seen: Set<object>): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  if (value instanceof URL) return [value.href]
  const members = Array.isArray(value) ? value : Object.entries(value).flat()
  return members.flatMap(member => textsIn(member, seen))
}

/** Replaces placeholders by the values of the secrets. Throws for a secret that is not set, or too short to be redacted. */
export function reveal(text: string, env: NodeJS.ProcessEnv): string {
  return text.replace(placeholder, (_, name: string, form?: string) => {
    const value = secretValue(name, env)
    if (form === undefined) return value
    return encodeURIComponent(form === ':url' ? value : escapeJson(value))
  })
}

/** The value of a secret. Throws for a secret that is not set, or too short to be redacted. */
export function secretValue(name: string, env: NodeJS.ProcessEnv): string {
  const value = env[name]
  if (value === undefined || value === '') {
    throw new Error(`The secret ${name} is not set: set the environment variable ${name}.`)
  }
  if (value.length < shortest) {
    throw new Error(
      `The secret ${name} has ${value.length} characters, too few to be redacted without damaging reports; it needs at least ${shortest}.`,
    )
  }
  return value
}

/** Replaces secrets by placeholders, raw and in each encoding for URLs, so that the text may be stored and revealed later. */
export function conceal(text: string, names: readonly string[], env: NodeJS.ProcessEnv): string {
  return names.reduce((concealed, name) => {
    const value = env[name]
    if (!value) return concealed
    const raw = concealed.replaceAll(value, secret(name))
    const inUrl = urlForms(value).reduce((text, form) => text.replaceAll(form, `\${secret:${name}:url}`), raw)
    return urlForms(escapeJson(value)).reduce(
      (text, form) => text.replaceAll(form, `\${secret:${name}:json-url}`),
      inUrl,
    )
  }, text)
}
