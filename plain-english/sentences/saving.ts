/** Sentences that store values for the following ones, and sentences about stored values. */
import { isCredentialHeader } from '../../environment/secrets/redaction/credentials.ts'
import { textOf } from '../parse/template.ts'
import { assertThat } from '../run/assertion.ts'
import { cookiesOf } from '../run/cookies.ts'
import { jsonOf } from '../run/exchange.ts'
import { expectMatch } from '../run/partial-match.ts'
import { defineSentence } from './define-sentence.ts'

export const saving = [
  defineSentence(
    'Save Response As {name}',
    ({ scenario }, name) => scenario.variables.set(name, jsonOf(scenario.last) ?? scenario.last.text),
    {
      meaning: 'stores the JSON of the response, or its text; ${user.address.city} and ${users[0].id} are parts of it',
      example: 'Save Response As user',
    },
  ),
  defineSentence(
    'Save Header {word} As {name}',
    ({ scenario }, header, name) => {
      const headers = scenario.last.response.headers()
      const value = headers[header.toLowerCase()]
      if (value === undefined) {
        throw new Error(`The response has no header ${header}; it has ${Object.keys(headers).join(', ')}.`)
      }
      scenario.variables.set(name, value, isCredentialHeader(header) ? 'hidden' : 'shown')
    },
    { meaning: 'stores the value of a header', example: 'Save Header Location As url' },
  ),
  defineSentence(
    'Save Cookie {word} As {name}',
    async ({ request, scenario }, cookie, name) => {
      const { redirects, response } = scenario.last
      const { cookies } = await request.storageState()
      const known = [...scenario.cookies.withoutRemoved(cookies), ...cookiesOf([...redirects, response])]
      const found = known.findLast(one => one.name === cookie)
      if (!found) {
        const names = [...new Set(known.map(one => one.name))].join(', ') || 'none'
        throw new Error(`No response has set the cookie ${cookie}; the cookies are: ${names}.`)
      }
      scenario.variables.set(name, found.value, 'secret')
    },
    { meaning: 'stores the value of a cookie that a response has set', example: 'Save Cookie session As token' },
  ),
  defineSentence(
    'Save Status Code As {name}',
    ({ scenario }, name) => scenario.variables.set(name, scenario.last.response.status()),
    { meaning: 'stores the status', example: 'Save Status Code As status' },
  ),
  defineSentence(
    'Save Match Of {pattern} As {name}',
    ({ scenario }, pattern, name) => {
      const found = pattern.exec(scenario.last.text)
      if (!found) throw new Error(`No part of the body matches ${pattern}.`)
      scenario.variables.set(name, found[1] ?? found[0])
    },
    {
      meaning: 'stores the part of the body that matches the regular expression, or its first group',
      example: 'Save Match Of "token=([a-z0-9]+)" As token',
    },
  ),
  defineSentence('Save Value {value} As {name}', ({ scenario }, value, name) => scenario.variables.set(name, value), {
    meaning: 'stores a value',
    example: 'Save Value {"plan": "free"} As order',
  }),
  defineSentence(
    'Value {value} Should Be {value}',
    ({}, actual, wanted) =>
      assertThat(actual, { subject: 'the value', words: 'should be', wanted }, it => it.toEqual(wanted)),
    { meaning: 'the stored value is this one', example: 'Value ${id} Should Be 7' },
  ),
  defineSentence(
    'Value {value} Should Not Be {value}',
    ({}, actual, other) =>
      assertThat(actual, { subject: 'the value', words: 'should not be', wanted: other }, it => it.not.toEqual(other)),
    { meaning: 'the stored value is another one', example: 'Value ${id} Should Not Be 7' },
  ),
  defineSentence(
    'Value {value} Should Contain {value}',
    ({}, actual, part) => {
      const claim = { subject: 'the value', words: 'should contain', wanted: part }
      if (Array.isArray(actual)) assertThat(actual, claim, it => it.toContainEqual(part))
      else assertThat(textOf(actual), claim, it => it.toContain(textOf(part)))
    },
    { meaning: 'the stored text contains this text, or the list this item', example: 'Value ${id} Should Contain "a"' },
  ),
  defineSentence(
    'Value {value} Should Not Contain {value}',
    ({}, actual, part) => {
      const claim = { subject: 'the value', words: 'should not contain', wanted: part }
      if (Array.isArray(actual)) assertThat(actual, claim, it => it.not.toContainEqual(part))
      else assertThat(textOf(actual), claim, it => it.not.toContain(textOf(part)))
    },
    {
      meaning: 'the stored text does not contain this text, or the list this item',
      example: 'Value ${id} Should Not Contain "a"',
    },
  ),
  defineSentence(
    'Value {value} Should Be Greater Than {float}',
    ({}, actual, least) =>
      assertThat(actual, { subject: 'the value', words: 'should be greater than', wanted: least }, it =>
        it.toBeGreaterThan(least),
      ),
    { meaning: 'the stored number is greater than this one', example: 'Value ${id} Should Be Greater Than 0' },
  ),
  defineSentence(
    'Value {value} Should Be Less Than {float}',
    ({}, actual, most) =>
      assertThat(actual, { subject: 'the value', words: 'should be less than', wanted: most }, it =>
        it.toBeLessThan(most),
      ),
    { meaning: 'the stored number is less than this one', example: 'Value ${id} Should Be Less Than 100' },
  ),
  defineSentence(
    'Value {value} Should Have Length {int}',
    ({}, actual, length) =>
      assertThat(actual, { subject: 'the value', words: 'should have length', wanted: length }, it =>
        it.toHaveLength(length),
      ),
    {
      meaning: 'the stored list has this many items, or the text this many characters',
      example: 'Value ${id} Should Have Length 36',
    },
  ),
  defineSentence('Value {value} Should Match {json}', ({}, actual, part) => expectMatch(actual, part, 'the value'), {
    meaning:
      'the stored value has at least these fields; markers such as #string match as for Response Body Should Match',
    example: 'Value ${id} Should Match {"plan": #string}',
  }),
  defineSentence(
    'Value {value} Should Match {pattern}',
    ({}, actual, pattern) =>
      assertThat(textOf(actual), { subject: 'the value', words: 'should match', wanted: pattern }, it =>
        it.toMatch(pattern),
      ),
    {
      meaning: 'a part of the stored text matches the regular expression',
      example: 'Value ${id} Should Match "^[0-9]+$"',
    },
  ),
]
