/** Sentences about a field in the JSON of the last response. */
import { expect } from '@playwright/test'
import { isCredentialName } from '../../environment/secrets/redaction/credentials.ts'
import { follow, parsePath } from '../parse/field-path.ts'
import { literalPattern } from '../parse/literal-pattern.ts'
import { textOf } from '../parse/template.ts'
import { assertThat } from '../run/assertion.ts'
import { fieldOf } from '../run/field-of.ts'
import { expectExactMatch, expectMatch } from '../run/partial-match.ts'
import { matchSchema, schemaOf } from '../run/schema.ts'
import { defineSentence } from './define-sentence.ts'

export const fields = [
  defineSentence(
    'Field {field} Should Be {value}',
    ({ scenario }, path, expected) =>
      assertThat(fieldOf(scenario, path), { subject: path, words: 'should be', wanted: expected }, it =>
        it.toEqual(expected),
      ),
    { meaning: 'the field has this value', example: 'Field users[0].name Should Be "Ada"' },
  ),
  defineSentence(
    'Field {field} Should Not Be {value}',
    ({ scenario }, path, other) =>
      assertThat(fieldOf(scenario, path), { subject: path, words: 'should not be', wanted: other }, it =>
        it.not.toEqual(other),
      ),
    { meaning: 'the field exists, with another value', example: 'Field next Should Not Be null' },
  ),
  defineSentence('Field {field} Should Exist', ({ scenario }, path) => void fieldOf(scenario, path), {
    meaning: 'the field exists, even if it is null',
    example: 'Field id Should Exist',
  }),
  defineSentence(
    'Field {field} Should Not Exist',
    ({ scenario }, path) =>
      assertThat(follow(parsePath(path), scenario.json), { subject: path, words: 'should not exist' }, it =>
        it.toBeUndefined(),
      ),
    { meaning: 'there is no such field', example: 'Field password Should Not Exist' },
  ),
  defineSentence(
    'Field {field} Should Contain {value}',
    ({ scenario }, path, part) => {
      const value = fieldOf(scenario, path)
      const claim = { subject: path, words: 'should contain', wanted: part }
      if (Array.isArray(value)) assertThat(value, claim, it => it.toContainEqual(part))
      else assertThat(textOf(value), claim, it => it.toContain(textOf(part)))
    },
    { meaning: 'the text contains this text, or the list this item', example: 'Field roles Should Contain "admin"' },
  ),
  defineSentence(
    'Field {field} Should Start With {string}',
    ({ scenario }, path, start) =>
      assertThat(textOf(fieldOf(scenario, path)), { subject: path, words: 'should start with', wanted: start }, it =>
        it.toMatch(new RegExp(`^${literalPattern(start)}`)),
      ),
    { meaning: 'the text starts with this text', example: 'Field email Should Start With "ada"' },
  ),
  defineSentence(
    'Field {field} Should End With {string}',
    ({ scenario }, path, end) =>
      assertThat(textOf(fieldOf(scenario, path)), { subject: path, words: 'should end with', wanted: end }, it =>
        it.toMatch(new RegExp(`${literalPattern(end)}$`)),
      ),
    { meaning: 'the text ends with this text', example: 'Field email Should End With "@example.com"' },
  ),
  defineSentence(
    'Field {field} Should Match {pattern}',
    ({ scenario }, path, pattern) =>
      assertThat(textOf(fieldOf(scenario, path)), { subject: path, words: 'should match', wanted: pattern }, it =>
        it.toMatch(pattern),
      ),
    {
      meaning: 'a part of the text matches the regular expression',
      example: 'Field id Should Match "^[0-9a-f-]{36}$"',
    },
  ),
  defineSentence(
    'Field {field} Should Be One Of {json}',
    ({ scenario }, path, choices) => {
      const value = fieldOf(scenario, path)
      const claim = { subject: path, words: 'should be one of', wanted: choices }
      assertThat(value, claim, () => expect([choices].flat(), `the values that ${path} can have`).toContainEqual(value))
    },
    { meaning: 'the field has one of these values', example: 'Field plan Should Be One Of ["free", "pro"]' },
  ),
  defineSentence(
    'Field {field} Should Be Greater Than {float}',
    ({ scenario }, path, least) =>
      assertThat(fieldOf(scenario, path), { subject: path, words: 'should be greater than', wanted: least }, it =>
        it.toBeGreaterThan(least),
      ),
    { meaning: 'the number is greater than this one', example: 'Field total Should Be Greater Than 0' },
  ),
  defineSentence(
    'Field {field} Should Be Less Than {float}',
    ({ scenario }, path, most) =>
      assertThat(fieldOf(scenario, path), { subject: path, words: 'should be less than', wanted: most }, it =>
        it.toBeLessThan(most),
      ),
    { meaning: 'the number is less than this one', example: 'Field total Should Be Less Than 100' },
  ),
  defineSentence(
    'Field {field} Should Have Length {int}',
    ({ scenario }, path, length) =>
      assertThat(fieldOf(scenario, path), { subject: path, words: 'should have length', wanted: length }, it =>
        it.toHaveLength(length),
      ),
    {
      meaning: 'the list has this many items, or the text this many characters',
      example: 'Field users Should Have Length 1',
    },
  ),
  defineSentence(
    'Field {field} Should Be Empty',
    ({ scenario }, path) =>
      assertThat(fieldOf(scenario, path), { subject: path, words: 'should be empty' }, () =>
        expect(sizeOf(fieldOf(scenario, path)), `the size of ${path}`).toBe(0),
      ),
    { meaning: 'the list, text or object is empty', example: 'Field users Should Be Empty' },
  ),
  defineSentence(
    'Field {field} Should Not Be Empty',
    ({ scenario }, path) =>
      assertThat(fieldOf(scenario, path), { subject: path, words: 'should not be empty' }, () =>
        expect(sizeOf(fieldOf(scenario, path)), `the size of ${path}`).toBeGreaterThan(0),
      ),
    { meaning: 'the list, text or object is not empty', example: 'Field users Should Not Be Empty' },
  ),
  defineSentence(
    'Field {field} Should Not Contain {value}',
    ({ scenario }, path, part) => {
      const value = fieldOf(scenario, path)
      const claim = { subject: path, words: 'should not contain', wanted: part }
      if (Array.isArray(value)) assertThat(value, claim, it => it.not.toContainEqual(part))
      else assertThat(textOf(value), claim, it => it.not.toContain(textOf(part)))
    },
    {
      meaning: 'the text does not contain this text, or the list this item',
      example: 'Field roles Should Not Contain "admin"',
    },
  ),
  defineSentence(
    'Field {field} Should Not Match {pattern}',
    ({ scenario }, path, pattern) =>
      assertThat(textOf(fieldOf(scenario, path)), { subject: path, words: 'should not match', wanted: pattern }, it =>
        it.not.toMatch(pattern),
      ),
    { meaning: 'no part of the text matches the regular expression', example: 'Field name Should Not Match "[0-9]"' },
  ),
  defineSentence(
    'Field {field} Should Not Be One Of {json}',
    ({ scenario }, path, choices) => {
      const value = fieldOf(scenario, path)
      const claim = { subject: path, words: 'should not be one of', wanted: choices }
      assertThat(value, claim, () => expect([choices].flat(), `the values of ${path}`).not.toContainEqual(value))
    },
    { meaning: 'the field has none of these values', example: 'Field plan Should Not Be One Of ["free", "trial"]' },
  ),
  defineSentence(
    'Field {field} Should Be At Least {float}',
    ({ scenario }, path, least) =>
      assertThat(fieldOf(scenario, path), { subject: path, words: 'should be at least', wanted: least }, it =>
        it.toBeGreaterThanOrEqual(least),
      ),
    { meaning: 'the number is this one or greater', example: 'Field total Should Be At Least 1' },
  ),
  defineSentence(
    'Field {field} Should Be At Most {float}',
    ({ scenario }, path, most) =>
      assertThat(fieldOf(scenario, path), { subject: path, words: 'should be at most', wanted: most }, it =>
        it.toBeLessThanOrEqual(most),
      ),
    { meaning: 'the number is this one or less', example: 'Field total Should Be At Most 100' },
  ),
  defineSentence(
    'Field {field} Should Have At Least {int} Item(s)',
    ({ scenario }, path, least) =>
      assertThat(fieldOf(scenario, path), { subject: path, words: 'should have at least', wanted: least }, () =>
        expect(sizeOf(fieldOf(scenario, path)), `the size of ${path}`).toBeGreaterThanOrEqual(least),
      ),
    { meaning: 'the list has this many items or more', example: 'Field users Should Have At Least 1 Item' },
  ),
  defineSentence(
    'Field {field} Should Have At Most {int} Item(s)',
    ({ scenario }, path, most) =>
      assertThat(fieldOf(scenario, path), { subject: path, words: 'should have at most', wanted: most }, () =>
        expect(sizeOf(fieldOf(scenario, path)), `the size of ${path}`).toBeLessThanOrEqual(most),
      ),
    { meaning: 'the list has this many items or fewer', example: 'Field users Should Have At Most 20 Items' },
  ),
  defineSentence(
    'Field {field} Should Match {json}',
    ({ scenario }, path, part) => expectMatch(fieldOf(scenario, path), part, path),
    {
      meaning: 'the field has at least these fields; markers such as #string match as for Response Body Should Match',
      example: 'Field user.address Should Match {"city": "London", "zip": #string}',
    },
  ),
  defineSentence(
    'Field {field} Should Match Exactly {json}',
    ({ scenario }, path, whole) => expectExactMatch(fieldOf(scenario, path), whole, path),
    {
      meaning: 'the same, and no object has other fields than these',
      example: 'Field user.address Should Match Exactly {"city": "London", "zip": #string}',
    },
  ),
  defineSentence(
    'Field {field} Should Match Schema {value}',
    async ({ scenario }, path, schema) => matchSchema(fieldOf(scenario, path), await schemaOf(scenario.folder, schema)),
    {
      meaning: 'the field matches this JSON Schema, or that in a file',
      example: 'Field users[0] Should Match Schema "schemas/user.json"',
    },
  ),
  defineSentence(
    'Save Field {field} As {name}',
    ({ scenario }, path, name) => {
      const isCredential = path.split(/[.[\]]+/).some(isCredentialName)
      scenario.variables.set(name, fieldOf(scenario, path), isCredential ? 'hidden' : 'shown')
    },
    { meaning: 'stores the value for the following sentences, as ${name}', example: 'Save Field id As id' },
  ),
]

/** Not a number for what has no size, such as a number. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  return typeof value === 'object' && value !== null ? Object.keys(value).length : Number.NaN
}
