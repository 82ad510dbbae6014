/** Resolves `${...}`: variables of a table or of `Save Field`, environment variables, secrets and unique values. */

import { isCredentialName } from '../../environment/secrets/redaction/credentials.ts'
import { secretValue } from '../../environment/secrets/secret.ts'
import type { Unique } from '../../fixtures/unique.ts'
import { uniqueNames } from '../compile/variable-names.ts'
import { follow, parsePath } from '../parse/field-path.ts'
import type { Values } from '../parse/template.ts'

/** Where a value may be: a `hidden` one is left out of the parameters of steps, a `secret` one is also refused in URLs. */
export type Exposure = 'shown' | 'hidden' | 'secret'

const byRank: readonly Exposure[] = ['shown', 'hidden', 'secret']

/** Each assignment makes another object. */
export interface NamedValue {
  readonly value: unknown
  readonly exposure: Exposure
}

/** The variables of a running scenario. */
export class Variables implements Values {
  readonly #env: NodeJS.ProcessEnv
  readonly #unique: Unique | undefined
  readonly #named = new Map<string, NamedValue>()
  readonly #uniqueValues = new Map<string, unknown>()

  constructor(env: NodeJS.ProcessEnv, unique: Unique | undefined) {
    this.#env = env
    this.#unique = unique
  }

  set(name: string, value: unknown, exposure: Exposure = 'shown'): void {
    this.#named.set(name, { value, exposure })
  }

  /** Restricts where the value of a variable may be; a stricter restriction stays. */
  restrict(name: string, exposure: Exposure): void {
    const known = this.#named.get(name)
    if (known) this.set(name, known.value, strictest([known.exposure, exposure]))
  }

  /** A copy, without unique values. */
  get named(): ReadonlyMap<string, NamedValue> {
    return new Map(this.#named)
  }

  /** @param name As written in `${...}`. */
  exposureOf(name: string): Exposure {
    if (name.startsWith('secret:')) return 'secret'
    if (name.startsWith('env:')) return 'hidden'
    const parts = name.split(/[.[\]]+/)
    const own = this.#named.get(parts[0] ?? '')?.exposure ?? 'shown'
    return strictest([own, parts.some(isCredentialName) ? 'hidden' : 'shown'])
  }

  valueOf(name: string): unknown {
    const [kind, variable] = name.split(':')
    if (variable !== undefined)
      return kind === 'secret' ? secretValue(variable, this.#env) : this.#environment(variable)
    if (uniqueNames.includes(name)) return this.#uniqueValue(name)
    const [root = '', ...path] = parsePath(name)
    const known = this.#named.get(String(root))
    if (!known) throw new Error(`The variable ${root} has no value yet.`)
    const value = follow(path, known.value)
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
    if (!this.#uniqueValues.has(name)) {
      const kind = name.slice('unique.'.length)
      const value = kind === 'id' ? this.#unique?.id : kind === 'email' ? this.#unique?.email() : this.#unique?.name()
      this.#uniqueValues.set(name, value)
    }
    return this.#uniqueValues.get(name)
  }
}

/** That of a value that is made of several others. */
export function strictest(exposures: readonly Exposure[]): Exposure {
  return byRank.findLast(exposure => exposures.includes(exposure)) ?? 'shown'
}
