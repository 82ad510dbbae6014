/** Replaces the credentials of an imported file by secrets of the environment: a name for each different value. */
import { isCredentialName } from '../../environment/secrets/redaction/credentials.ts'
import type { Json } from '../parse/json/json.ts'
import type { Template, Variable } from '../parse/template.ts'
import { credentialsInText } from './credentials-in-text.ts'
import { variableName } from './phrases.ts'

/** Words occur in ordinary text, where they are no credential. */
const isRecognizable = (value: string) => value.length >= 6 && /[^\p{L}]/u.test(value)

export class ImportedSecrets {
  /** Names of secrets by the name that they should have and their value, or the variable that has it. */
  readonly #names = new Map<string, string>()
  readonly #taken = new Set<string>()
  /** Names of secrets by value. */
  readonly #known = new Map<string, string>()
  /** What `takeNotes` returns next. */
  #notes: string[] = []

  /** The secret for a credential that the file has in clear text. @param name Of its field, header or variable. */
  of(name: string, value: string): Variable {
    const secret = this.#secret(name, JSON.stringify(value))
    if (isRecognizable(value) && !this.#known.has(value)) this.#known.set(value, secret.name)
    return secret
  }

  /** The secret for a variable whose value the file does not have. */
  ofVariable(name: string): Variable {
    return this.#secret(name, `variable ${name}`)
  }

  #secret(name: string, value: string): Variable {
    const wanted = variableName(name).toUpperCase()
    const key = `${wanted} ${value}`
    let given = this.#names.get(key)
    if (given === undefined) {
      given = wanted
      for (let count = 2; this.#taken.has(given); count++) given = `${wanted}_${count}`
      this.#taken.add(given)
      this.#names.set(key, given)
    }
    return { name: `secret:${given}`, offset: 0 }
  }

  /** The value of a credential. Its variables stay; so does a scheme before a variable, as in `Token ${token}`. */
  template(name: string, value: Template): Template {
    const [only, ...others] = value
    if (typeof only === 'string' && others.length === 0) return [this.of(name, only)]
    return value.map(part => (typeof part === 'string' && /^[^\s=]{6,}$/.test(part) ? this.of(name, part) : part))
  }

  /** The cookies of a header: those in clear text become secrets. */
  cookies(value: Template): Template {
    if (value.every(part => typeof part === 'string')) return this.template('COOKIE', value)
    return value.flatMap((part): Template => {
      if (typeof part !== 'string') return [part]
      const pieces = part.split(/(?<=[=;]\s*)(?=[^\s=;])|(?=;)/)
      return pieces.map((piece, index) =>
        index > 0 && pieces[index - 1]?.trimEnd().endsWith('=') && piece !== '' ? this.of('COOKIE', piece) : piece,
      )
    })
  }

  /** A text in which credentials stand beside their names: XML, a query of GraphQL, a URL. */
  inText(text: Template, what: 'value' | 'lines' = 'value'): Template {
    return text.flatMap(part => (typeof part === 'string' ? this.#parts(part, what) : [part]))
  }

  #parts(text: string, what: 'value' | 'lines'): Template {
    const parts: (string | Variable)[] = []
    let from = 0
    for (const { name, start, end } of credentialsInText(text, what)) {
      if (start > from) parts.push(text.slice(from, start))
      parts.push(this.of(name, text.slice(start, end)))
      from = end
    }
    if (from < text.length) parts.push(text.slice(from))
    return parts
  }

  /** For comments and titles: the text without the credentials that it has beside their names, or that are known. */
  conceal(text: string, what: 'value' | 'lines'): string {
    const own = this.#parts(text, what).map(part => (typeof part === 'string' ? part : `\${${part.name}}`))
    const longestFirst = [...this.#known].sort(([one], [other]) => other.length - one.length)
    return longestFirst.reduce((shown, [value, name]) => shown.replaceAll(value, () => `\${${name}}`), own.join(''))
  }

  /** What has to be said about the JSON since the last call. */
  takeNotes(): string[] {
    const notes = this.#notes
    this.#notes = []
    return notes
  }

  #number(name: string, value: number): Json {
    const secret = this.of(name, String(value))
    this.#notes.push(`\${${secret.name}} is sent as a text: ${name} is a number in the file, and a secret is a text`)
    return { kind: 'text', template: [secret] }
  }

  /**
   * Texts and numbers in fields named like a credential become secrets; variables, and markers such as `#string`, stay.
   * @param name Of the field that has this value.
   */
  json(json: Json, name?: string): Json {
    const isCredential = name !== undefined && isCredentialName(name)
    switch (json.kind) {
      case 'text': {
        const [first] = json.template
        if (!isCredential) return { kind: 'text', template: this.inText(json.template) }
        const isMarker = typeof first === 'string' && /^#[a-z]+$/.test(first)
        return first === undefined || isMarker ? json : { kind: 'text', template: this.template(name, json.template) }
      }
      case 'constant':
        return isCredential && typeof json.value === 'number' ? this.#number(name, json.value) : json
      case 'variable':
        return json
      case 'list':
        return { kind: 'list', items: json.items.map(item => this.json(item, name)) }
      case 'object': {
        // A pair: {"name": "password", "value": "…"}.
        const named = json.members.find(member => /^(?:name|key)$/.test(plain(member.name) ?? ''))?.value
        const nameOfPair = named?.kind === 'text' ? plain(named.template) : undefined
        const members = json.members.map(member => {
          const own = plain(member.name)
          const isValue = own === 'value' && (nameOfPair !== undefined || isCredential)
          return { name: member.name, value: this.json(member.value, isValue ? (nameOfPair ?? name) : own) }
        })
        return { kind: 'object', members }
      }
    }
  }
}

/** Undefined if it has variables. */
function plain(template: Template): string | undefined {
  return template.every(part => typeof part === 'string') ? template.join('') : undefined
}
