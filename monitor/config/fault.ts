/** Fault: the place of a problem in a configuration, the value there, and what to write instead. */

export interface Fault {
  /** `checks.users.timeout`, or the name of an environment variable. */
  path: string
  /** The value, shortened; absent if it is missing. */
  value?: string
  /** What to write instead; starts with a lower-case letter, without a full stop. */
  remedy: string
}

/** Thrown for an invalid configuration; the message lists all faults. */
export class ConfigurationError extends Error {
  readonly faults: readonly Fault[]

  constructor(file: string, faults: readonly Fault[], options?: ErrorOptions) {
    const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`
    super([`${file} has ${count}:`, ...faults.map(fault => `  - ${sentence(fault)}`)].join('\n'), options)
    this.name = 'ConfigurationError'
    this.faults = faults
  }
}

/** Formats a value for a fault. A possible credential is described, not quoted. */
export function shown(value: unknown, path: readonly PropertyKey[]): string {
  if (
    typeof value === 'string' &&
    path.some(step => ['headers', 'passphrase', 'signingKey', 'token'].includes(String(step)))
  ) {
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
