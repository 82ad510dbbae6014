/** Building blocks of the configuration's schemas. An issue's message is the remedy. */
import { z } from 'zod'
import { parseDuration } from './duration.ts'

type Shape = Record<string, z.ZodType>
type Settings<S extends Shape, R extends keyof S> = z.ZodObject<{
  [K in keyof S]: K extends R ? S[K] : z.ZodOptional<S[K]>
}>

/** An object with these settings and no others; all except `required` are optional. */
export function settings<S extends Shape, R extends string & keyof S = never>(
  shape: S,
  required: readonly R[] = [],
): Settings<S, R> {
  const names = Object.keys(shape)
  const entries = Object.entries(shape).map(([name, schema]) => {
    return [name, required.some(one => one === name) ? schema : schema.optional()]
  })
  return z.strictObject(Object.fromEntries(entries), {
    // The existing names, for a suggestion.
    error: ({ code }) => (code === 'unrecognized_keys' ? names.join(' ') : `write { ${names.join(', ')} }`),
  }) as unknown as Settings<S, R>
}

/** A record by name. */
export function nameMap<T extends z.ZodType>(schema: T, remedy: string, least = 0) {
  const name = z.string().regex(/^[A-Za-z0-9][\w.-]{0,99}$/, {
    error: 'write a name of letters, digits, ".", "_" and "-"',
  })
  return z
    .record(name, schema, { error: ({ code }) => (code === 'invalid_key' ? undefined : remedy) })
    .refine(map => Object.keys(map).length >= least, { error: remedy })
}

export function text(remedy: string, pattern = /\S/) {
  return z.string({ error: remedy }).regex(pattern, { error: remedy })
}

export function strings(remedy: string, pattern?: RegExp) {
  return z.array(text(remedy, pattern), { error: remedy })
}

export function textOrList(remedy: string, pattern?: RegExp) {
  return z.union([text(remedy, pattern), strings(remedy, pattern).min(1, { error: remedy })], { error: remedy })
}

const durationRemedy = 'write a duration such as 500ms, 30s, 5m, 1h or 30d'
export const duration = z
  .string({ error: durationRemedy })
  .refine(value => parseDuration(value) !== undefined, { error: durationRemedy })
