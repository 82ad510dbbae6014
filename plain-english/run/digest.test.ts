import { type Service, startService } from '../../fixtures/testing/service.ts'
import { expect, test } from '../../testing/test.ts'
import { runLocally } from '../testing/local-run.ts'
import { digestAuthorization } from './digest.ts'

const ada = { user: 'ada', password: 'word-4711' }

test('a challenge without protection is answered as RFC 2069 has it', () => {
  const given = { user: 'Mufasa', password: 'CircleOfLife' }
  const challenge = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c"'
  const url = 'http://host.com/dir/index.html'
  expect(digestAuthorization(given, { method: 'GET', url, challenge })).toBe(
    'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", response="1949323746fe6a43ef61f9606e7febea", opaque="5ccc069c", algorithm=MD5',
  )
})

test('another challenge, an unknown algorithm and an unknown protection are not answered', () => {
  const request = { method: 'GET', url: 'http://localhost/' }
  for (const challenge of [
    '',
    'Basic realm="a"',
    'Digest nonce="a", algorithm=X',
    'Digest nonce="a", qop="auth-int"',
  ]) {
    expect(digestAuthorization(ada, { ...request, challenge })).toBeUndefined()
  }
  const several = 'Basic realm="a", Digest realm="a \\"b\\"", nonce="n", algorithm=SHA-256-sess, qop="auth-int, auth"'
  expect(digestAuthorization(ada, { ...request, challenge: several })).toMatch(
    /realm="a \\"b\\"".*algorithm=SHA-256-sess, qop=auth, nc=00000001, cnonce="[0-9a-f]{16}"$/,
  )
})

test('the first challenge that can be answered is, without what others have', () => {
  const answer = (...challenges: string[]) =>
    digestAuthorization(ada, { method: 'GET', url: 'http://localhost/', challenge: challenges.join(', ') })
  const first = 'Digest realm="users", nonce="n-1", algorithm=SHA-256, qop="auth"'
  const second = 'Digest realm="users", nonce="n-2"'
  const basic = 'Basic realm="other"'
  expect(answer(first, second, basic)).toMatch(/realm="users", nonce="n-1".*algorithm=SHA-256, qop=auth/)
  expect(answer('Digest nonce="n-0", algorithm=X, opaque="o"', second, basic)).toMatch(
    /realm="users", nonce="n-2", uri="\/", response="[0-9a-f]{32}", algorithm=MD5$/,
  )
})

test.describe('against a service', () => {
  let service: Service
  let other: Service

  test.beforeAll(async () => {
    const start = () =>
      startService(({ url = '', headers }, response) => {
        const { searchParams } = new URL(url, 'http://service')
        const to = searchParams.get('to')
        const json = (status: number, body: object, more = {}) =>
          response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(body))
        if (to !== null) response.writeHead(302, { location: to }).end()
        else if (headers.authorization) json(200, { authorization: headers.authorization })
        else json(401, {}, { 'www-authenticate': 'Digest realm="users", nonce="n-1", qop="auth"' })
        return true
      })
    ;[service, other] = await Promise.all([start(), start()])
  })

  test.afterAll(() => Promise.all([service.close(), other.close()]))

  test('credentials answer the challenges of the app, and not those of a host that it redirects to', async () => {
    process.env.DIGEST_PASSWORD = ada.password
    const signIn = 'Sign In With Digest "ada" "${secret:DIGEST_PASSWORD}"'
    const errors = await runLocally({
      baseURL: service.url,
      allow: [other.url],
      files: {
        'digest.txt': `Scenario: signed in
${signIn}
POST /users?a=1 {"name": "Ada"}
Status Code Should Be 200
Field authorization Should Start With "Digest username=\\"ada\\", realm=\\"users\\", nonce=\\"n-1\\", uri=\\"/users?a=1\\""
GET /users
Status Code Should Be 200

Scenario: another way to sign in replaces it
${signIn}
Bearer Token Is t-1
GET /users
Field authorization Should Be "Bearer t-1"
Remove Header Authorization
GET /users
Status Code Should Be 401

Scenario: elsewhere
${signIn}
GET /users?to=${encodeURIComponent(`${other.url}/users`)}
Status Code Should Be 401`,
      },
    })
    expect(errors).toEqual({
      'signed in': undefined,
      'another way to sign in replaces it': undefined,
      elsewhere: undefined,
    })
  })
})
