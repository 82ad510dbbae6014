/** Compares JSON with a pattern, in which markers such as `#string` match any value of a type: with all fields, or only those that the pattern has. */
import { isDeepStrictEqual } from 'node:util'
import type { JsonValue } from '../parse/json/json.ts'
import { assertThat } from './assertion.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

const markers: Readonly<Record<string, (value: unknown) => boolean>> = {
  '#string': value => typeof value === 'string',
  '#number': value => typeof value === 'number',
  '#boolean': value => typeof value === 'boolean',
  '#array': value => Array.isArray(value),
  '#object': value => typeof value === 'object' && value !== null && !Array.isArray(value),
  '#null': value => value === null,
  '#notnull': value => value !== null && value !== undefined,
  '#uuid': isUuid,
  '#ignore': () => true,
}

export function isUuid(value: unknown): boolean {
  return typeof value === 'string' && uuid.test(value)
}

/** Throws Playwright's own error, with a diff, if the value does not contain the part. */
export function expectMatch(actual: unknown, part: JsonValue, subject = 'the JSON of the response'): void {
  assertThat(actual, { subject, words: 'should match', wanted: part }, it => it.toEqual(wanted(part, actual)))
}

/** Like `expectMatch`, but an object may have no other fields. */
export function expectExactMatch(actual: unknown, whole: JsonValue, subject = 'the JSON of the response'): void {
  const claim = { subject, words: 'should match exactly', wanted: whole }
  assertThat(actual, claim, it => it.toEqual(wanted(whole, actual, 'exactly')))
}

/** Whether the value contains the part. */
export function matchesPart(actual: unknown, part: JsonValue): boolean {
  return isDeepStrictEqual(wanted(part, actual), actual)
}

/** The expected value: the part, completed from the actual value wherever the part does not constrain it. */
function wanted(part: JsonValue, actual: unknown, how: 'partly' | 'exactly' = 'partly'): unknown {
  if (typeof part === 'string' && Object.hasOwn(markers, part)) return markers[part]?.(actual) ? actual : part
  if (Array.isArray(part)) {
    const items: readonly unknown[] = Array.isArray(actual) ? actual : []
    return part.map((item, index) => wanted(item, items[index], how))
  }
  if (typeof part !== 'object' || part === null) return part
  const fields = typeof actual === 'object' && actual !== null && !Array.isArray(actual) ? actual : {}
  const named = Object.entries(part).map(([name, value]) => [
    name,
    wanted(value, Object.hasOwn(fields, name) ? Reflect.get(fields, name) : undefined, how),
  ])
  return { ...(how === 'partly' && fields), ...Object.fromEntries(named) }
}
