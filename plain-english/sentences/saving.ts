/** Sentences that store values for the following ones, and sentences about stored values. */
import { isCredentialHeader } from '../../environment/secrets/redaction/credentials.ts'
import { textOf } from '../parse/template.ts'
import { assertThat } from '../run/assertion.ts'
import { cookiesOf } from '../run/cookies.ts'
import { jsonOf } from '../run/exchange.ts'
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
      const known = [...(await request.storageState()).cookies, ...cookiesOf([...redirects, response])]
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
