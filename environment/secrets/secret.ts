/** Secrets by name: configurations, generated files and the ledger hold a placeholder, the value stays in the environment. */
import { escapeJson, urlForms } from './redaction/patterns.ts'

/** `:url`: as it stands in a URL. `:json-url`: as it stands there within JSON. */
const placeholder = /\$\{secret:([A-Za-z_][A-Za-z0-9_]*)(:url|:json-url)?\}/g

/** Shorter values would be found everywhere, and redacting them would spoil every report. */
const shortest = 4

/**
 * Stands for the value of an environment variable, wherever a configuration takes a string; it may be a part of one:
 * `Bearer ${secret('SMOKE_TOKEN')}`. It is a placeholder, `${secret:SMOKE_TOKEN}`, so that it can be printed and stored.
 * Throws for what cannot be the name of a variable.
 */
export function secret(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new Error(
      `secret(${JSON.stringify(name)}): name an environment variable in letters, digits and underscores, such as secret('SMOKE_TOKEN').`,
    )
  }
  return `\${secret:${name}}`
}

/** The names of the secrets in a value of any shape, each once, in the order in which they occur. */
export function secretNames(value: unknown): string[] {
  return [...new Set([...(JSON.stringify(value) ?? '').matchAll(placeholder)].map(([, name = '']) => name))]
}

/** The text with the values of its secrets. Throws for one that is not set, or too short to be kept out of reports. */
export function reveal(text: string, env: NodeJS.ProcessEnv): string {
  return text.replace(placeholder, (_, name: string, form?: string) => {
    const value = secretValue(name, env)
    if (form === undefined) return value
    return encodeURIComponent(form === ':url' ? value : escapeJson(value))
  })
}

/** The value of a secret. Throws for one that is not set, or too short to be kept out of reports. */
export function secretValue(name: string, env: NodeJS.ProcessEnv): string {
  const value = env[name]
  if (value === undefined || value === '') {
    throw new Error(`The secret ${name} is not set: set the environment variable ${name}.`)
  }
  if (value.length < shortest) {
    throw new Error(
      `The secret ${name} has ${value.length} characters, too few to be found in reports without spoiling them; it needs at least ${shortest}.`,
    )
  }
  return value
}

/** The text with its secrets as placeholders again, raw or in a form of a URL: what may be stored, and revealed later. */
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
