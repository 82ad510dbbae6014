/** Parts of the schemas of the API. */
import { z } from 'zod'

/** A time, which is sent as text in UTC. */
export const time = z.codec(
  // Without the pattern that zod's own has, which is longer than the rest of a schema.
  z.string().meta({ format: 'date-time' }),
  z.date(),
  { decode: text => new Date(text), encode: date => date.toISOString() },
)

/** A whole number in a query. */
export function wholeNumber(least: number, most: number, initial: number, description: string) {
  const remedy = `write a whole number from ${least} to ${most}`
  return z
    .codec(
      z.string({ error: remedy }).regex(/^\d{1,9}$/, { error: remedy, abort: true }),
      z.int().min(least, { error: remedy }).max(most, { error: remedy }),
      { decode: Number, encode: String },
    )
    .default(initial)
    .meta({ description })
}

export const outcome = z.enum(['passed', 'flaky', 'slow', 'failed', 'error', 'unknown'])

export const nothing = z.object({})

/** Postgres stores no text with it, so that nothing has such a name. */
export const withoutNul = (text: string) => !text.includes('\u0000')
export const nulRemedy = { error: 'leave out the character NUL' }

export const checkName = z.string().refine(withoutNul, nulRemedy).meta({ description: 'The name of a check.' })

export const operatorsOnly = 'For operators only.'
