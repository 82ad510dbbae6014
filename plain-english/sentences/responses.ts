/** Sentences about the last response: its status, headers, body and time. */
import { type APIResponse, expect } from '@playwright/test'
import { textOf } from '../parse/template.ts'
import { assertThat } from '../run/assertion.ts'
import { expectExactMatch, expectMatch, matchesPart } from '../run/partial-match.ts'
import { defineSentence } from './define-sentence.ts'

const status = (['Status Code', 'Response Status'] as const).map(words =>
  defineSentence(
    `${words} Should Be {int}`,
    ({ scenario }, expected) =>
      assertThat(
        scenario.last.response.status(),
        { subject: 'the status code', words: 'should be', wanted: expected },
        it => it.toBe(expected),
      ),
    { meaning: 'the last response has this status', example: `${words} Should Be 201` },
  ),
)

export const responses = [
  ...status,
  defineSentence(
    'Status Code Should Not Be {int}',
    ({ scenario }, other) =>
      assertThat(
        scenario.last.response.status(),
        { subject: 'the status code', words: 'should not be', wanted: other },
        it => it.not.toBe(other),
      ),
    { meaning: 'the last response has another status', example: 'Status Code Should Not Be 500' },
  ),
  defineSentence(
    'Status Code Should Be One Of {json}',
    ({ scenario }, choices) => {
      const actual = scenario.last.response.status()
      const claim = { subject: 'the status code', words: 'should be one of', wanted: choices }
      assertThat(actual, claim, () => expect([choices].flat(), 'the statuses').toContain(actual))
    },
    { meaning: 'the last response has one of these statuses', example: 'Status Code Should Be One Of [200, 204]' },
  ),
  defineSentence(
    'Status Code Should Be Less Than {int}',
    ({ scenario }, limit) =>
      assertThat(
        scenario.last.response.status(),
        { subject: 'the status code', words: 'should be less than', wanted: limit },
        it => it.toBeLessThan(limit),
      ),
    { meaning: 'the status is less than this one', example: 'Status Code Should Be Less Than 400' },
  ),
  defineSentence(
    'Status Code Should Be Greater Than {int}',
    ({ scenario }, limit) =>
      assertThat(
        scenario.last.response.status(),
        { subject: 'the status code', words: 'should be greater than', wanted: limit },
        it => it.toBeGreaterThan(limit),
      ),
    { meaning: 'the status is greater than this one', example: 'Status Code Should Be Greater Than 399' },
  ),
  defineSentence(
    'Status Text Should Be {text}',
    ({ scenario }, expected) =>
      assertThat(
        scenario.last.response.statusText(),
        { subject: 'the status text', words: 'should be', wanted: expected },
        it => it.toBe(expected),
      ),
    {
      meaning: 'the text after the status, the reason phrase of HTTP/1.1, is this one',
      example: 'Status Text Should Be "Not Found"',
    },
  ),
  defineSentence(
    'Response Should Be Successful',
    ({ scenario }) => {
      const actual = scenario.last.response.status()
      const claim = { subject: 'the status code', words: 'should be of success, 200 to 299' }
      assertThat(actual, claim, () => expect(Math.floor(actual / 100), 'its first digit').toBe(2))
    },
    { meaning: 'the last response has a status from 200 to 299', example: 'Response Should Be Successful' },
  ),
  defineSentence(
    'Response Should Not Be Successful',
    ({ scenario }) => {
      const actual = scenario.last.response.status()
      const claim = { subject: 'the status code', words: 'should be of an error, 400 to 599' }
      assertThat(actual, claim, it => it.toBeGreaterThanOrEqual(400))
    },
    { meaning: 'the last response has a status from 400 to 599', example: 'Response Should Not Be Successful' },
  ),
  defineSentence(
    'Response Body Should Contain {value}',
    ({ scenario }, part) =>
      typeof part === 'object' && part !== null
        ? expectMatch(scenario.json, part)
        : assertThat(scenario.last.text, { subject: 'the body', words: 'should contain', wanted: part }, it =>
            it.toContain(textOf(part)),
          ),
    {
      meaning: 'the body contains this text, or is JSON with these fields',
      example: 'Response Body Should Contain "ada@example.com"',
    },
  ),
  defineSentence(
    'Response Body Should Not Contain {value}',
    ({ scenario }, part) => {
      const claim = { subject: 'the body', words: 'should not contain', wanted: part }
      if (typeof part !== 'object' || part === null)
        return assertThat(scenario.last.text, claim, it => it.not.toContain(textOf(part)))
      const { json } = scenario
      assertThat(json, claim, () => expect(matchesPart(json, part), 'it has these fields').toBe(false))
    },
    {
      meaning: 'the body does not contain this text, or is JSON without these fields',
      example: 'Response Body Should Not Contain "password"',
    },
  ),
  defineSentence('Response Body Should Match {json}', ({ scenario }, part) => expectMatch(scenario.json, part), {
    meaning:
      'the body is JSON with at least these fields; #string, #number, #boolean, #array, #object, #null, #notnull, #uuid and #ignore match any such value',
    example: 'Response Body Should Match {"id": "#uuid", "name": "Ada"}',
  }),
  defineSentence(
    'Response Body Should Match Exactly {json}',
    ({ scenario }, whole) => expectExactMatch(scenario.json, whole),
    {
      meaning: 'the same, and no object has other fields than these',
      example: 'Response Body Should Match Exactly {"id": "#uuid", "name": "Ada"}',
    },
  ),
  defineSentence(
    'Response Header {word} Should Be {text}',
    ({ scenario }, name, value) =>
      assertThat(
        scenario.last.response.headers()[name.toLowerCase()],
        { subject: `the header ${name}`, words: 'should be', wanted: value },
        it => it.toBe(value),
      ),
    {
      meaning: 'the header has this value',
      example: 'Response Header Content-Type Should Be "application/json; charset=utf-8"',
    },
  ),
  defineSentence(
    'Response Header {word} Should Contain {text}',
    ({ scenario }, name, part) =>
      assertThat(
        scenario.last.response.headers()[name.toLowerCase()] ?? '',
        { subject: `the header ${name}`, words: 'should contain', wanted: part },
        it => it.toContain(part),
      ),
    {
      meaning: 'the value of the header contains this text',
      example: 'Response Header Content-Type Should Contain json',
    },
  ),
  defineSentence(
    'Response Header {word} Should Match {pattern}',
    ({ scenario }, name, pattern) =>
      assertThat(
        scenario.last.response.headers()[name.toLowerCase()] ?? '',
        { subject: `the header ${name}`, words: 'should match', wanted: pattern },
        it => it.toMatch(pattern),
      ),
    {
      meaning: 'a part of the value of the header matches the regular expression',
      example: 'Response Header Location Should Match "/users/[0-9]+$"',
    },
  ),
  defineSentence(
    'Response Header {word} Should Not Be {text}',
    ({ scenario }, name, other) =>
      assertThat(
        scenario.last.response.headers()[name.toLowerCase()],
        { subject: `the header ${name}`, words: 'should not be', wanted: other },
        it => it.not.toBe(other),
      ),
    { meaning: 'the header has another value, or is missing', example: 'Response Header X-Cache Should Not Be HIT' },
  ),
  defineSentence(
    'Response Header {word} Should Not Contain {text}',
    ({ scenario }, name, part) =>
      assertThat(
        scenario.last.response.headers()[name.toLowerCase()] ?? '',
        { subject: `the header ${name}`, words: 'should not contain', wanted: part },
        it => it.not.toContain(part),
      ),
    {
      meaning: 'the value of the header does not contain this text',
      example: 'Response Header Server Should Not Contain "/"',
    },
  ),
  defineSentence(
    'Response Header {word} Should Exist',
    ({ scenario }, name) =>
      assertThat(
        scenario.last.response.headers()[name.toLowerCase()],
        { subject: `the header ${name}`, words: 'should exist' },
        it => it.toBeDefined(),
      ),
    { meaning: 'the response has this header', example: 'Response Header ETag Should Exist' },
  ),
  defineSentence(
    'Response Header {word} Should Not Exist',
    ({ scenario }, name) =>
      assertThat(
        scenario.last.response.headers()[name.toLowerCase()],
        { subject: `the header ${name}`, words: 'should not exist' },
        it => it.toBeUndefined(),
      ),
    { meaning: 'the response lacks this header', example: 'Response Header X-Powered-By Should Not Exist' },
  ),
  defineSentence(
    'Response Should Have No GraphQL Errors',
    ({ scenario }) => {
      const errors: unknown = Object(scenario.json).errors
      assertThat(errors, { subject: 'the errors of GraphQL', words: 'should be missing' }, it => it.toBeUndefined())
    },
    { meaning: 'the response has no member errors', example: 'Response Should Have No GraphQL Errors' },
  ),
  defineSentence(
    'Response Time Should Be Less Than {float} ms',
    ({ scenario }, most) =>
      assertThat(
        scenario.last.durationMs,
        { subject: 'the time in ms', words: 'should be less than', wanted: most },
        it => it.toBeLessThan(most),
      ),
    {
      meaning: 'the whole response arrived within this time',
      example: 'Response Time Should Be Less Than 500 ms',
    },
  ),
  defineSentence(
    'Response Time Should Be At Most {duration}',
    ({ scenario }, most) =>
      assertThat(
        scenario.last.durationMs,
        { subject: 'the time in ms', words: 'should be at most', wanted: most },
        it => it.toBeLessThanOrEqual(most),
      ),
    {
      meaning: 'the same, with any unit',
      example: 'Response Time Should Be At Most 2 seconds',
    },
  ),
  defineSentence(
    'Response Should Redirect To {url}',
    ({ scenario }, url) => {
      const { redirects, response } = scenario.last
      const led = [...redirects, response].flatMap(one => {
        const { location } = one.headers()
        return location === undefined || one.status() < 300 || one.status() > 399
          ? []
          : scenario.addressOf(resolved(location, one))
      })
      const wanted = scenario.addressOf(url)
      const claim = { subject: 'the redirects', words: 'should contain', wanted }
      assertThat(led, claim, it => it.toContain(wanted))
    },
    {
      meaning: 'the response is a redirect to this address, or came by one that was followed',
      example: 'Response Should Redirect To /login',
    },
  ),
  defineSentence(
    'Response Should Not Redirect',
    ({ scenario }) => {
      const { redirects, response } = scenario.last
      const statuses = [...redirects, response].map(one => one.status())
      const claim = { subject: 'the statuses', words: 'should have no redirect' }
      assertThat(statuses, claim, () =>
        expect(statuses.filter(status => status >= 300 && status < 400 && status !== 304)).toEqual([]),
      )
    },
    { meaning: 'the response is no redirect, and came without one', example: 'Response Should Not Redirect' },
  ),
]

function resolved(location: string, response: APIResponse): string {
  return new URL(location, response.url()).href
}
