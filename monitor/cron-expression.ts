/** Reads cron expressions as POSIX cron does: a day of the month and a day of the week are a union. */
import { parse, validate } from 'node-cron'

type CronFields = ReturnType<typeof parse>

interface CronExpression {
  /** Those of the time of day are the same in each alternative. */
  fields: CronFields
  /** Expressions for node-cron, of which one has to match. */
  alternatives: string[]
}

/**
 * If a day of the month and a day of the week are given, POSIX cron matches either, while node-cron wants both. A field that
 * begins with `*` is not given. Throws node-cron's error for an expression that is invalid, or whose day never comes.
 */
export function readCronExpression(cron: string): CronExpression {
  const alternatives = alternativesOf(cron)
  const [fields = parse(cron)] = alternatives.map(one => parse(one))
  return { fields, alternatives }
}

export function isCronExpression(text: string): boolean {
  return alternativesOf(text).every(one => validate(one))
}

function alternativesOf(cron: string): string[] {
  const fields = cron.trim().split(/\s+/)
  const month = fields.at(-2) ?? ''
  const [dayOfMonth = '*', dayOfWeek = '*'] = [fields.at(-3), fields.at(-1)]
  if (fields.length < 5 || [dayOfMonth, dayOfWeek].some(field => /^[*?]/.test(field))) return [cron]
  const withDays = (...days: string[]) => [...fields.slice(0, -3), ...days].join(' ')
  const [byMonth, byWeek] = [withDays(dayOfMonth, month, '*'), withDays('*', month, dayOfWeek)]
  // None of the months may have the day, such as February 31: the days of the week remain.
  const isNever = !validate(byMonth) && validate(withDays(dayOfMonth, '*', '*'))
  return isNever ? [byWeek] : [byMonth, byWeek]
}
