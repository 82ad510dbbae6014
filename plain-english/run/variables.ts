/** Resolves `${...}`: variables of a table or of `Save Field`, environment variables, secrets and unique values. */

import { secretValue } from '../../environment/secrets/secret.ts'
import type { Unique } from '../../fixtures/unique.ts'
import { uniqueNames } from '../compile/variable-names.ts'
import { follow, parsePath } from '../parse/field-path.ts'
import type { Values } from '../parse/template.ts'

/** The variables of a running scenario. */
export class Variables implements Values {
  readonly #env: NodeJS.ProcessEnv
  readonly #unique: Unique | undefined
  readonly #named = new Map<string, unknown>()

  constructor(env: NodeJS.ProcessEnv, unique: Unique | undefined) {
    this.#env = env
    this.#unique = unique
  }

  set(name: string, value: unknown): void {
    this.#named.set(name, value)
  }

  /** A copy. */
  get named(): ReadonlyMap<string, unknown> {
    return new Map(this.#named)
  }

  valueOf(name: string): unknown {
    const [kind, variable] = name.split(':')
    if (variable !== undefined)
      return kind === 'secret' ? secretValue(variable, this.#env) : this.#environment(variable)
    if (uniqueNames.includes(name)) return this.#uniqueValue(name)
    const [root = '', ...path] = parsePath(name)
    if (!this.#named.has(String(root))) throw new Error(`The variable ${root} has no value yet.`)
    const value = follow(path, this.#named.get(String(root)))
    if (value === undefined)
      throw new Error(`The variable ${root} has a value, but no ${name.slice(String(root).length)}.`)
    return value
  }

  #environment(name: string): string {
    const value = this.#env[name]
    if (value === undefined) throw new Error(`The environment variable ${name} is not set: set it before you run this.`)
    return value
  }

  /** The same value throughout a scenario, so that it can look up what it created. */
  #uniqueValue(name: string): unknown {
    if (!this.#named.has(name)) {
      const kind = name.slice('unique.'.length)
      const value = kind === 'id' ? this.#unique?.id : kind === 'email' ? this.#unique?.email() : this.#unique?.name()
      this.#named.set(name, value)
    }
    return this.#named.get(name)
  }
}
