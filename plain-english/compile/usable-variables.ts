/** Checks which variables a sentence may use: those that are defined above it, and no secret where reports show it. */
import type { Mistake } from '../parse/fault.ts'
import type { Variable } from '../parse/template.ts'
import { faultOfName } from './variable-names.ts'

/** @param known The names of those that are defined. */
export function unknownVariables(used: readonly Variable[], known: ReadonlySet<string>): Mistake[] {
  return used.flatMap(({ name, offset }) => {
    const message = faultOfName(name, known)
    return message === undefined ? [] : [{ offset, message }]
  })
}

/** @param saved Variables whose values contain secrets. @param where The place, and what to do instead. */
export function refusedSecrets(used: readonly Variable[], saved: ReadonlySet<string>, where: string): Mistake[] {
  return used
    .filter(({ name }) => hasSecret(name, saved))
    .map(({ name, offset }) => {
      const what = name.startsWith('secret:') ? 'A secret' : `The variable ${name} has a secret, which`
      return { offset, message: `${what} is not allowed in ${where}.` }
    })
}

/** @param saved Variables whose values contain secrets. */
export function hasSecret(name: string, saved: ReadonlySet<string>): boolean {
  const [root = ''] = /^\w+/.exec(name) ?? []
  return name.startsWith('secret:') || (!name.startsWith('env:') && saved.has(root))
}
