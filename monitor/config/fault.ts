/** What is wrong with a configuration: where, what stands there, and what to write instead. */

export interface Fault {
  /** `checks.users.timeout`, or the name of an environment variable. */
  path: string
  /** As it stands there, shortened; absent where something is missing. */
  value?: string
  /** What to write instead; begins in lower case, without a full stop. */
  remedy: string
}

/** Thrown for a configuration that cannot be used; its message names every fault. */
export class ConfigurationError extends Error {
  readonly faults: readonly Fault[]

  constructor(file: string, faults: readonly Fault[], options?: ErrorOptions) {
    const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`
    super([`${file} has ${count}:`, ...faults.map(fault => `  - ${sentence(fault)}`)].join('\n'), options)
    this.name = 'ConfigurationError'
    this.faults = faults
  }
}

/** The value as a fault shows it. What may be a credential is only described. */
export function shown(value: unknown, path: readonly PropertyKey[]): string {
  if (typeof value === 'string' && path.some(step => ['headers', 'passphrase', 'signingKey'].includes(String(step)))) {
    return `a string of ${value.length} characters`
  }
  if (typeof value === 'function') return 'a function'
  if (value instanceof RegExp || typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  const text = (JSON.stringify(value) ?? String(value)).replace(/:\/\/[^/@\s]*@/g, '://***@')
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

/** `checks.users`, `maintenance[0].cron`, `checks["a b"]`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    const name = String(step)
    if (!/^[\w$.-]+$/.test(name)) return `${text}[${JSON.stringify(name)}]`
    return text === '' ? name : `${text}.${name}`
  }, '')
}

/** `checks.users.retries is -1: write a whole number from 0 to 10.` */
export function sentence({ path, value, remedy }: Fault): string {
  const what = value === undefined ? 'is missing' : `is ${value}`
  return `${path || 'the configuration'} ${what}: ${remedy}${/[?.]$/.test(remedy) ? '' : '.'}`
}
