import { expect, test } from '../testing/test.ts'
import { resolveEnvironment } from './resolve-environment.ts'
import { secret } from './secrets/secret.ts'

const env = { SMOKE_TOKEN: 'canary-4711' }
const baseURL = 'https://api.example.com/v1/'

test('a resolved environment has its secrets, and shows placeholders', () => {
  const target = resolveEnvironment({ baseURL, headers: { Authorization: `Bearer ${secret('SMOKE_TOKEN')}` } }, env)
  expect(target).toMatchObject({ name: 'api.example.com', baseURL, writes: 'refused', emailDomain: 'example.com' })
  expect(target.headers).toEqual({ authorization: 'Bearer canary-4711' })
  expect(JSON.stringify(target.environment)).not.toContain('canary')
  const shown = target.conceal(`${baseURL}?key=canary-4711`)
  expect(shown).toBe(`${baseURL}?key=\${secret:SMOKE_TOKEN}`)
  expect(target.reveal(shown)).toBe(`${baseURL}?key=canary-4711`)
})

test('REPRISE_TARGET replaces the base URL, and its origin belongs to the environment', () => {
  const options = { baseURL, name: 'production', origins: ['https://files.example.com'] }
  const target = resolveEnvironment(options, { REPRISE_TARGET: 'http://127.0.0.1:3000' })
  expect(target).toMatchObject({ name: 'production', baseURL: 'http://127.0.0.1:3000/' })
  const owned = (url: string) => target.owns(new URL(url))
  expect(['http://127.0.0.1:3000/x', 'https://files.example.com/y'].map(owned)).toEqual([true, true])
  expect(['http://127.0.0.1:3001/', 'https://127.0.0.1:3000/', baseURL].map(owned)).toEqual([false, false, false])
})

for (const url of ['api.example.com', 'localhost:3000', 'ftp://example.com', '/v1', 'https://']) {
  test(`a REPRISE_TARGET of ${JSON.stringify(url)} is an error with an example`, () => {
    expect(() => resolveEnvironment({}, { REPRISE_TARGET: url })).toThrow(
      `REPRISE_TARGET is ${JSON.stringify(url)}; write an http:// or https:// URL, such as https://api.example.com.`,
    )
  })
}

test('a password in a URL does not appear in the error', () => {
  const resolve = () => resolveEnvironment({ baseURL: 'https://me:hunter2@example.com' }, {})
  expect(resolve).toThrow('target.baseURL contains a user name or a password')
  expect(resolve).toThrow(/^((?!hunter2).)*$/s)
})

test('one error has all faults, and no secret', () => {
  const resolve = () =>
    resolveEnvironment(
      {
        baseURL: 'nowhere',
        origins: ['elsewhere'],
        headers: { 'x y': 'z', broken: `${secret('SMOKE_TOKEN')}\n`, missing: secret('MISSING') },
        writes: 'allowed' as 'cleaned',
        cleanup: [{ create: 'POST', remove: 'DELETE /' }],
      },
      env,
    )
  for (const fault of [
    'target.baseURL is "nowhere"',
    'target.origins[0] is "elsewhere"',
    'target.headers has "x y"',
    'target.headers.broken has a character that is not allowed in a header',
    'The secret MISSING is not set',
    `target.writes is "allowed"; write 'refused' (the default) or 'cleaned'.`,
    'The cleanup rule for "POST"',
  ]) {
    expect(resolve).toThrow(fault)
  }
  expect(resolve).toThrow(/^((?!canary).)*$/s)
})

test('a secret in a URL is replaced in each of its encodings, and is put back encoded', () => {
  const value = "smoke#1/(a) 'b'"
  const target = resolveEnvironment(
    { baseURL: 'https://api.example.com', secrets: ['USER_NAME'] },
    { USER_NAME: value },
  )
  for (const form of [
    encodeURIComponent(value),
    encodeURIComponent(value).toLowerCase(),
    new URLSearchParams({ u: value }).toString().slice(2),
  ]) {
    const concealed = target.conceal(`DELETE https://api.example.com/users/${form}`)
    expect(concealed).not.toContain('smoke')
    expect(target.reveal(concealed)).toBe(`DELETE https://api.example.com/users/${encodeURIComponent(value)}`)
  }
  expect(target.reveal(target.conceal(`Bearer ${value}`))).toBe(`Bearer ${value}`)
})
