/** Sentences about the last response: its status, headers, body and time. */

import { textOf } from '../parse/template.ts'
import { assertThat } from '../run/assertion.ts'
import { expectMatch } from '../run/partial-match.ts'
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
    ({ scenario }, part) =>
      assertThat(scenario.last.text, { subject: 'the body', words: 'should not contain', wanted: part }, it =>
        it.not.toContain(textOf(part)),
      ),
    { meaning: 'the body does not contain this text', example: 'Response Body Should Not Contain "password"' },
  ),
  defineSentence('Response Body Should Match {json}', ({ scenario }, part) => expectMatch(scenario.json, part), {
    meaning:
      'the body is JSON with at least these fields; #string, #number, #boolean, #array, #object, #null, #notnull, #uuid and #ignore match any such value',
    example: 'Response Body Should Match {"id": "#uuid", "name": "Ada"}',
  }),
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
]
