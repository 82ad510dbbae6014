/** Translates the variables of another tool: `{{name}}` becomes its constant, a saved variable, or one of the environment. */
import { isCredentialName } from '../../environment/secrets/redaction/credentials.ts'
import type { Json } from '../parse/json/json.ts'
import { readJson } from '../parse/json/read-json.ts'
import type { Template, Variable } from '../parse/template.ts'
import { variableName } from './phrases.ts'
import { ImportedSecrets } from './secrets.ts'

type Part = Template[number]

/** An expression of httpyac: the value of a variable or, if it has none, this text. */
const withDefault = /^(?:this\.)?(\w+)\s*(?:\?\?|\|\|)\s*(["'`])(.*)\2$/

/** Matches nothing. */
const none = /(?!)/g

const placeholder = /\{\{\s*(\$?[^{}\n]*?)\s*\}\}/g
/** Resolves constants that refer to constants, up to this depth. */
const deepest = 10

export class ImportedVariables {
  /** Values that the file gives its variables, by name; they may contain placeholders. */
  readonly #constants: ReadonlyMap<string, string>
  /** The names of those whose values must not be shown, beside those that are named like a credential. */
  readonly #secretNames: ReadonlySet<string>
  /** The variables that sentences above have saved in the scenario that is being written. */
  readonly #saved = new Set<string>()
  readonly secrets = new ImportedSecrets()
  #placeholder = placeholder

  /** For a recording, in which braces are text. */
  static withoutPlaceholders(): ImportedVariables {
    const variables = new ImportedVariables()
    variables.#placeholder = none
    return variables
  }

  constructor(constants: Iterable<readonly [string, string]> = [], secretNames: ReadonlySet<string> = new Set()) {
    this.#constants = new Map(constants)
    this.#secretNames = secretNames
  }

  beginScenario(): void {
    this.#saved.clear()
  }

  /** Notes that a sentence saves the variable, and returns its name in sentences. */
  save(name: string): string {
    this.#saved.add(name)
    return variableName(name)
  }

  /** The text with its variables. */
  template(text: string): Template {
    return merged(this.#parts(text, 0))
  }

  /** JSON with placeholders, also in place of values; undefined if it is no JSON. */
  json(text: string): Json | undefined {
    // A dollar sign before a brace is text; as an escape sequence it is no variable.
    const escaped = text.trim().replaceAll('${', '\\u0024{')
    const marked = escaped.replace(this.#placeholder, (_, name: string) => this.#inJson(name))
    try {
      const { json, end } = readJson(marked, 0)
      return end === marked.length ? json : undefined
    } catch {
      return undefined
    }
  }

  variable(name: string): Template {
    return merged(this.#variable(name, 0))
  }

  #parts(text: string, depth: number): Part[] {
    const parts: Part[] = []
    let from = 0
    for (const found of text.matchAll(this.#placeholder)) {
      if (found.index > from) parts.push(text.slice(from, found.index))
      parts.push(...this.#variable(found[1] ?? '', depth))
      from = found.index + found[0].length
    }
    if (from < text.length) parts.push(text.slice(from))
    return parts
  }

  #variable(name: string, depth: number): Part[] {
    if (this.#saved.has(name)) return [{ name: variableName(name), offset: 0 }]
    const constant = this.#constants.get(name)
    if (constant !== undefined && depth < deepest && !this.#isSecret(name)) return this.#parts(constant, depth + 1)
    const [, own = '', , otherwise] = withDefault.exec(name) ?? []
    if (otherwise !== undefined) {
      const given = this.#constants.get(own)
      // A variable can be defined by its own value from outside.
      const isGiven = this.#saved.has(own) || (given !== undefined && !given.includes(name))
      if (isGiven) return this.#variable(own, depth)
      return this.#isSecret(own)
        ? [this.#fromEnvironment(own, otherwise || undefined)]
        : this.#parts(otherwise, depth + 1)
    }
    const generated = generatedValue(name)
    if (generated !== undefined) return [generated]
    const [, environment] = /^\$(?:processEnv|dotenv|env\.?)\s*%?(\w+)$/.exec(name) ?? []
    return [this.#fromEnvironment(environment ?? name, constant)]
  }

  /** `${env:NAME}`, or `${secret:NAME}` for what must not be shown. */
  #fromEnvironment(name: string, constant: string | undefined): Variable {
    if (!this.#isSecret(name)) return { name: `env:${variableName(name).toUpperCase()}`, offset: 0 }
    return constant === undefined ? this.secrets.ofVariable(name) : this.secrets.of(name, constant)
  }

  #isSecret(name: string): boolean {
    return isCredentialName(name) || this.#secretNames.has(name)
  }

  #inJson(name: string): string {
    const parts = this.#variable(name, 0)
    const [only] = parts
    if (parts.length === 1 && only !== undefined && typeof only !== 'string') return `\${${only.name}}`
    if (parts.length === 0) return ''
    // Within a text, its quotes are already there; in place of a value, a constant stands as it is written.
    return parts
      .map(part => (typeof part === 'string' ? JSON.stringify(part).slice(1, -1) : `\${${part.name}}`))
      .join('')
  }
}

/** A generated value of Postman, JetBrains and VS Code: another one each time, or a plain one. */
function generatedValue(name: string): Part | undefined {
  if (!name.startsWith('$')) return undefined
  if (/email/i.test(name)) return { name: 'unique.email', offset: 0 }
  if (/^\$(?:random)?(?:guid|uuid|timestamp|isoTimestamp|alphanumeric|alphabetic|password|userName)/i.test(name)) {
    return { name: 'unique.id', offset: 0 }
  }
  if (/name/i.test(name)) return { name: 'unique.name', offset: 0 }
  if (/^\$(?:randomInt|random\.(?:integer|float))/i.test(name)) return '7'
  if (/^\$randomBoolean/.test(name)) return 'true'
  if (/^\$(?:localD|d)atetime/.test(name)) return '2027-03-01T00:00:00Z'
  return /^\$random/.test(name) ? { name: 'unique.name', offset: 0 } : undefined
}

function merged(parts: readonly Part[]): Template {
  const result: Part[] = []
  for (const part of parts) {
    const last = result.at(-1)
    if (typeof part === 'string' && typeof last === 'string') result[result.length - 1] = last + part
    else if (part !== '') result.push(part)
  }
  return result
}
