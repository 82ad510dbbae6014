/** Sentences about the type of a field, and about dates. */
import { expect } from '@playwright/test'
import type { ValueType } from '../compile/parameters.ts'
import { assertThat } from '../run/assertion.ts'
import { fieldOf } from '../run/field-of.ts'
import { daysOf, instantOf } from '../run/instant.ts'
import { isUuid } from '../run/partial-match.ts'
import type { RunningScenario } from '../run/running-scenario.ts'
import { defineSentence } from './define-sentence.ts'

export const types = [
  defineSentence(
    'Field {field} Should Be {type}',
    ({ scenario }, path, type) => {
      const value = fieldOf(scenario, path)
      const claim = { subject: path, words: `should be ${type}` }
      assertThat(value, claim, () => expect(isOf[type](value), `${path} is ${type}`).toBe(true))
    },
    { meaning: 'the field has this type', example: 'Field id Should Be a UUID' },
  ),
  defineSentence(
    'Field {field} Should Not Be {type}',
    ({ scenario }, path, type) => {
      const value = fieldOf(scenario, path)
      const claim = { subject: path, words: `should not be ${type}` }
      assertThat(value, claim, () => expect(isOf[type](value), `${path} is ${type}`).toBe(false))
    },
    { meaning: 'the field has another type', example: 'Field total Should Not Be a text' },
  ),
  defineSentence(
    'Field {field} Should Be Today',
    ({ scenario }, path) => {
      const value = fieldOf(scenario, path)
      const [days, today] = [daysOf(value, path), daysOf(new Date().toISOString(), 'now')]
      assertThat(value, { subject: path, words: 'should be today' }, () =>
        expect(
          days.some(day => today.includes(day)),
          `${days.join(' or ')} is today, ${today.join(' or ')}`,
        ).toBe(true),
      )
    },
    {
      meaning: 'the date is today, in the time zone of this machine or in UTC',
      example: 'Field createdAt Should Be Today',
    },
  ),
  defineSentence(
    'Field {field} Should Be After {text}',
    ({ scenario }, path, limit) => expectOrder(scenario, path, limit, 'after'),
    {
      meaning: 'the date is later than this one; also `now`, `today`, `yesterday` and `tomorrow`',
      example: 'Field createdAt Should Be After 2027-03-01',
    },
  ),
  defineSentence(
    'Field {field} Should Be Before {text}',
    ({ scenario }, path, limit) => expectOrder(scenario, path, limit, 'before'),
    { meaning: 'the date is earlier than this one', example: 'Field expiresAt Should Be Before 2027-03-01T12:00:00Z' },
  ),
  defineSentence(
    'Field {field} Should Be Within {duration} Of Now',
    ({ scenario }, path, most) => {
      const value = fieldOf(scenario, path)
      const distance = Math.abs(instantOf(value, path) - Date.now())
      const claim = { subject: path, words: `should be within ${most} ms of now` }
      assertThat(value, claim, () => expect(distance, 'the distance in ms').toBeLessThanOrEqual(most))
    },
    {
      meaning: 'the date is at most this far from the present, in the past or the future',
      example: 'Field createdAt Should Be Within 1 minute Of Now',
    },
  ),
]

const isOf: Readonly<Record<ValueType, (value: unknown) => boolean>> = {
  'a number': value => typeof value === 'number',
  'a whole number': Number.isInteger,
  'a text': value => typeof value === 'string',
  'a boolean': value => typeof value === 'boolean',
  'a list': Array.isArray,
  'an object': value => typeof value === 'object' && value !== null && !Array.isArray(value),
  'a UUID': isUuid,
  'a date': value => isDate(value),
  'a URL': value => typeof value === 'string' && /^[a-z][a-z\d+.-]*:/i.test(value) && URL.canParse(value),
  'an email address': value => typeof value === 'string' && /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(value),
}

function isDate(value: unknown): boolean {
  try {
    return typeof value === 'string' && Number.isFinite(instantOf(value, ''))
  } catch {
    return false
  }
}

function expectOrder(scenario: RunningScenario, path: string, limit: string, order: 'after' | 'before'): void {
  const value = fieldOf(scenario, path)
  const [instant, other] = [instantOf(value, path), instantOf(limit, limit)]
  assertThat(value, { subject: path, words: `should be ${order}`, wanted: limit }, () => {
    const asserted = expect(instant, `${path}, in ms since 1970`)
    if (order === 'after') asserted.toBeGreaterThan(other)
    else asserted.toBeLessThan(other)
  })
}
