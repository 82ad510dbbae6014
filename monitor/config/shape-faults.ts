/** Converts zod's issues to faults, one for each place and remedy. */
import type { z } from 'zod'
import { type Fault, pathText, shown } from './fault.ts'
import { nearest } from './nearest.ts'

export function shapeFaults(input: unknown, issues: readonly z.core.$ZodIssue[]): Fault[] {
  const faults = issues.flatMap(issue => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map(key => unknownSetting(input, issue, key))
    const remedies = issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message) : [issue.message]
    const value = issue.code === 'invalid_key' ? issue.path.at(-1) : valueAt(input, issue.path)
    return remedies.map(remedy => fault(issue.path, value, remedy))
  })
  // Several rules of one place may have the same message.
  return faults.filter(
    (one, index) => faults.findIndex(({ path, remedy }) => path === one.path && remedy === one.remedy) === index,
  )
}

function unknownSetting(input: unknown, { path, message }: z.core.$ZodIssue, key: string): Fault {
  const names = message.split(' ')
  const meant = nearest(key, names)
  const place = [...path, key]
  const remedy = meant
    ? `there is no such setting; did you mean ${meant}?`
    : `there is no such setting; there are ${names.join(', ')}`
  return fault(place, valueAt(input, place), remedy)
}

function fault(path: readonly PropertyKey[], value: unknown, remedy: string): Fault {
  return { path: pathText(path), ...(value !== undefined && { value: shown(value, path) }), remedy }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) => (Object(value) === value ? Reflect.get(Object(value), step) : undefined),
    input,
  )
}
