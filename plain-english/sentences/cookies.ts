/** Sentences about cookies: those that are sent, and those that the last response sets. */
import { expect } from '@playwright/test'
import { assertThat } from '../run/assertion.ts'
import { cookiesOf, type ResponseCookie } from '../run/cookies.ts'
import type { RunningScenario } from '../run/running-scenario.ts'
import { defineSentence } from './define-sentence.ts'

export const cookies = [
  defineSentence('Set Cookie {word} To {text}', ({ scenario }, name, value) => scenario.setCookie(name, value), {
    meaning: 'sends a cookie with each following request and page',
    example: 'Set Cookie theme To "dark"',
  }),
  defineSentence('Remove Cookie {word}', ({ request, scenario }, name) => scenario.removeCookies(request, name), {
    meaning: 'sends this cookie no more, until a response sets it again',
    example: 'Remove Cookie session',
  }),
  defineSentence('Remove Cookies', ({ request, scenario }) => scenario.removeCookies(request), {
    meaning: 'sends none of the cookies that were set so far, as after a sign-out',
    example: 'Remove Cookies',
  }),
  defineSentence('Cookie {word} Should Exist', ({ scenario }, name) => void cookieNamed(scenario, name), {
    meaning: 'the last response, or a redirect that led to it, sets this cookie',
    example: 'Cookie session Should Exist',
  }),
  defineSentence(
    'Cookie {word} Should Not Exist',
    ({ scenario }, name) =>
      assertThat(find(scenario, name)?.value, { subject: `the cookie ${name}`, words: 'should not exist' }, it =>
        it.toBeUndefined(),
      ),
    { meaning: 'the last response does not set this cookie', example: 'Cookie tracking Should Not Exist' },
  ),
  defineSentence(
    'Cookie {word} Should Be {text}',
    ({ scenario }, name, value) =>
      assertThat(
        cookieNamed(scenario, name).value,
        { subject: `the cookie ${name}`, words: 'should be', wanted: value },
        it => it.toBe(value),
      ),
    { meaning: 'the cookie has this value', example: 'Cookie theme Should Be "dark"' },
  ),
  defineSentence(
    'Cookie {word} Should Not Be {text}',
    ({ scenario }, name, other) =>
      assertThat(
        cookieNamed(scenario, name).value,
        { subject: `the cookie ${name}`, words: 'should not be', wanted: other },
        it => it.not.toBe(other),
      ),
    { meaning: 'the cookie has another value', example: 'Cookie session Should Not Be ""' },
  ),
  defineSentence(
    'Cookie {word} Should Contain {text}',
    ({ scenario }, name, part) =>
      assertThat(
        cookieNamed(scenario, name).value,
        { subject: `the cookie ${name}`, words: 'should contain', wanted: part },
        it => it.toContain(part),
      ),
    { meaning: 'the value of the cookie contains this text', example: 'Cookie cart Should Contain "item-7"' },
  ),
  defineSentence(
    'Cookie {word} Should Have Attribute {word}',
    ({ scenario }, name, attribute) => {
      const names = attributesOf(scenario, name)
      const claim = { subject: `the attributes of the cookie ${name}`, words: 'should contain', wanted: attribute }
      assertThat(names, claim, () => expect(names).toContain(attribute.toLowerCase()))
    },
    { meaning: 'the cookie has this attribute', example: 'Cookie session Should Have Attribute HttpOnly' },
  ),
  defineSentence(
    'Cookie {word} Should Not Have Attribute {word}',
    ({ scenario }, name, attribute) => {
      const names = attributesOf(scenario, name)
      const claim = { subject: `the attributes of the cookie ${name}`, words: 'should not contain', wanted: attribute }
      assertThat(names, claim, () => expect(names).not.toContain(attribute.toLowerCase()))
    },
    { meaning: 'the cookie lacks this attribute', example: 'Cookie theme Should Not Have Attribute HttpOnly' },
  ),
  defineSentence(
    'Cookie {word} Attribute {word} Should Be {text}',
    ({ scenario }, name, attribute, value) =>
      assertThat(
        cookieNamed(scenario, name).attributes.get(attribute.toLowerCase())?.toLowerCase(),
        { subject: `${attribute} of the cookie ${name}`, words: 'should be', wanted: value },
        it => it.toBe(value.toLowerCase()),
      ),
    {
      meaning: 'the attribute has this value, in upper or lower case',
      example: 'Cookie session Attribute SameSite Should Be Lax',
    },
  ),
]

/** The last one counts, as in a browser. */
function find(scenario: RunningScenario, name: string): ResponseCookie | undefined {
  const { redirects, response } = scenario.last
  return cookiesOf([...redirects, response]).findLast(cookie => cookie.name === name)
}

function cookieNamed(scenario: RunningScenario, name: string): ResponseCookie {
  const cookie = find(scenario, name)
  if (cookie) return cookie
  const { redirects, response } = scenario.last
  const names = cookiesOf([...redirects, response]).map(cookie => cookie.name)
  throw new Error(`The response sets no cookie ${name}; it sets ${names.join(', ') || 'none'}.`)
}

function attributesOf(scenario: RunningScenario, name: string): string[] {
  return [...cookieNamed(scenario, name).attributes.keys()]
}
