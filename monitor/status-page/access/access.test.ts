import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { test as base, expect } from '../../../testing/test.ts'
import { readPageSettings } from '../page-settings.ts'
import { viewerOf } from '../viewer.ts'
import { visibilityFor } from '../visibility.ts'
import { access } from './access.ts'
import { noOperators, type OperatorSettings, readOperatorSettings } from './operator-settings.ts'
import { sessionMs, sessionsOf } from './session.ts'

const token = 'a-token-of-the-operators'
const trustLoopback = readOperatorSettings({ REPRISE_TRUSTED_PROXIES: '127.0.0.1' }).isTrustedProxy

type Start = (operators?: Partial<OperatorSettings>, publicUrl?: string, allowedHosts?: string[]) => Promise<string>

/** Starts a server that shows who has sent a request, on any path. */
const test = base.extend<{ start: Start }>({
  start: async ({}, use) => {
    const stops: (() => unknown)[] = []
    await use(async (operators = { token }, publicUrl, allowedHosts = []) => {
      const settings = { ...noOperators, ...operators }
      const app = express()
      // Express prints errors otherwise.
      app.set('env', 'test')
      app.set('trust proxy', settings.isTrustedProxy)
      app.use(
        access({
          ...{ operators: settings, publicUrl, allowedHosts },
          visibility: viewer => visibilityFor(viewer, { shows: [] }, 'all'),
        }),
      )
      app.use((_request, response) => void response.json(viewerOf(response)))
      const server = createServer(app).listen(0, '127.0.0.1')
      await once(server, 'listening')
      stops.push(
        () => server.close(),
        () => server.closeAllConnections(),
      )
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    })
    for (const stop of stops) stop()
  },
})

interface Sent {
  fields?: Record<string, string>
  headers?: Record<string, string>
}

/** As a browser sends a form of this server's own page, unless the headers say otherwise. */
async function post(url: string, { fields = {}, headers = {} }: Sent) {
  const response = await fetch(url, {
    ...{ method: 'POST', redirect: 'manual', body: new URLSearchParams(fields) },
    headers: { origin: new URL(url).origin, 'sec-fetch-site': 'same-origin', ...headers },
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const signIn = (url: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  post(`${url}/sign-in`, { fields: { name: 'Ada', token, ...fields }, headers })

const viewerAt = async (url: string, headers: Record<string, string>) =>
  (await fetch(`${url}/whoami`, { headers })).json()

const cookieIn = (headers: Headers) => headers.get('set-cookie')?.split(';')[0] ?? ''

const anyone = { kind: 'public', maySignIn: true }

test('an operator signs in with a name, on all instances with the token, and signs out', async ({ start }) => {
  const url = await start()
  const { status, headers } = await signIn(url, { name: ' Ada Löve ', next: '/incidents/7?all=1' })
  expect(status).toBe(303)
  expect(headers.get('location')).toBe('/incidents/7?all=1')
  expect(headers.get('set-cookie')).toMatch(
    /^reprise-[0-9a-f]{12}=[\w.-]+; Max-Age=43200; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
  )
  const cookie = cookieIn(headers)
  const operator = { kind: 'operator', name: 'Ada Löve', means: 'session' }
  expect(await viewerAt(url, { cookie })).toEqual(operator)
  expect(await viewerAt(await start(), { cookie: `other=1; ${cookie}` })).toEqual(operator)
  // One that another page has set does not sign out.
  const [name] = cookie.split('=')
  for (const other of [`${name}=`, `${name}=1.QQ.x`])
    expect(await viewerAt(url, { cookie: `${other}; ${cookie}` }), other).toEqual(operator)
  expect(await viewerAt(await start({ token: `${token}2` }), { cookie })).toEqual(anyone)
  expect(
    await viewerAt(url, { cookie: cookie.replace(/\..*\./, `.${Buffer.from('Eve').toString('base64url')}.`) }),
  ).toEqual(anyone)
  const out = await post(`${url}/sign-out`, { headers: { cookie } })
  expect(out.status).toBe(303)
  expect(out.headers.get('set-cookie')).toMatch(/^reprise-[0-9a-f]{12}=; Path=\/; Expires=Thu, 01 Jan 1970/)
})

test('monitors on other ports of one host leave each other signed in, instances of one monitor share a session', async ({
  start,
}) => {
  const first = await start()
  const [other, elsewhere] = [await start({ token: `${token}2` }), await start({ token }, 'http://127.0.0.1:8080/')]
  const own = cookieIn((await signIn(first)).headers)
  const names = new Set([own.split('=')[0]])
  for (const [url, fields] of [
    [other, { token: `${token}2` }],
    [elsewhere, {}],
  ] as const) {
    const origin = url === elsewhere ? { origin: 'http://127.0.0.1:8080' } : {}
    const { headers } = await signIn(url, fields, origin)
    // The browser sends both cookies to all of them.
    const cookie = [own, cookieIn(headers)].join('; ')
    names.add(cookieIn(headers).split('=')[0])
    expect(await viewerAt(first, { cookie })).toMatchObject({ name: 'Ada' })
    expect(await viewerAt(url, { cookie })).toMatchObject({ name: 'Ada' })
    const out = await post(`${url}/sign-out`, { headers: { cookie, ...origin } })
    expect(out.headers.get('set-cookie')).not.toContain(`${own.split('=')[0]}=`)
  }
  expect(names.size).toBe(3)
})

test('over https the cookie is sent encrypted only', async ({ start }) => {
  const url = await start({ token }, 'https://status.example.com/monitor')
  const { status, headers } = await signIn(url, {}, { origin: 'https://status.example.com' })
  expect(status).toBe(303)
  expect(headers.get('set-cookie')).toMatch(
    /^__Host-reprise-[0-9a-f]{12}=.*; Path=\/;.* HttpOnly; Secure; SameSite=Strict$/,
  )
  expect(await viewerAt(url, { cookie: cookieIn(headers) })).toMatchObject({ name: 'Ada' })
  const behind = await start({ token, isTrustedProxy: trustLoopback })
  const forwarded = { 'x-forwarded-proto': 'https', origin: behind.replace('http:', 'https:') }
  expect((await signIn(behind, {}, forwarded)).headers.get('set-cookie')).toContain('Secure')
})

test('a session ends by itself', () => {
  const sessions = sessionsOf(token)
  const value = sessions.begin('Ada', 1000)
  expect(sessions.nameIn(value, 999 + sessionMs)).toBe('Ada')
  expect(sessions.nameIn(value, 1000 + sessionMs)).toBeUndefined()
  for (const other of ['', 'Ada', `${value}x`, value.slice(0, -1), value.replace(/^\d/, '9')]) {
    expect(sessions.nameIn(other, 1000)).toBeUndefined()
  }
})

test('the token itself is accepted as a bearer, and a wrong one is refused', async ({ start }) => {
  const url = await start()
  expect(await viewerAt(url, { authorization: `Bearer ${token}` })).toEqual({
    kind: 'operator',
    name: 'token',
    means: 'token',
  })
  // Of any length, and not as a prefix.
  for (const wrong of [token.slice(0, -1), `${token}x`, 'x', token.toUpperCase()]) {
    const response = await fetch(`${url}/api/checks`, { headers: { authorization: `Bearer ${wrong}` } })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="Reprise"')
    expect(await response.json()).toEqual({
      ...{ type: 'about:blank', title: 'Unauthorized', status: 401 },
      detail: 'This is not the token of the operators.',
    })
  }
  // Other schemes are a proxy's.
  expect(await viewerAt(url, { authorization: 'Basic YTpi' })).toEqual(anyone)
})

test('a foreign bearer refuses neither whom a proxy names, nor a visitor of a page', async ({ start }) => {
  const url = await start({ token, identityHeader: 'x-forwarded-user', isTrustedProxy: trustLoopback })
  const authorization = 'Bearer an-access-token-of-the-proxy'
  const named = { authorization, 'x-forwarded-user': 'ada' }
  const statusOf = async (path: string, headers: Record<string, string>, method = 'GET') =>
    (await fetch(url + path, { headers: { origin: url, ...headers }, method })).status
  for (let count = 0; count < 11; count++) {
    for (const path of ['/', '/badges/users.svg', '/healthz'])
      expect(await statusOf(path, { authorization }), path).toBe(200)
  }
  expect(await viewerAt(url, { authorization })).toEqual(anyone)
  expect(await viewerAt(url, named)).toEqual({ kind: 'operator', name: 'ada', means: 'proxy' })
  for (const path of ['/api/checks', '/api/incidents/1/acknowledge', '/actions/incidents/1/acknowledge'])
    expect(await statusOf(path, named, 'POST'), path).toBe(200)
  const session = cookieIn((await signIn(url, {}, { authorization })).headers)
  expect(await statusOf('/actions/maintenance', { authorization, cookie: session }, 'POST')).toBe(200)
  // None of these has counted as a wrong token.
  for (const [path, method] of [
    ['/api/checks', 'GET'],
    ['/API/checks', 'GET'],
    ['/api/maintenance', 'POST'],
    ['/actions/maintenance', 'POST'],
  ])
    expect(await statusOf(String(path), { authorization }, method), path).toBe(401)
})

test('an address that has sent ten wrong tokens has to wait, and others do not', async ({ start }) => {
  const url = await start({ token, isTrustedProxy: trustLoopback })
  const from = (address: string) => ({ 'x-forwarded-for': `203.0.113.9, ${address}` })
  const wrong = (address: string) => signIn(url, { token: 'wrong' }, from(address))
  for (let attempt = 0; attempt < 10; attempt++) {
    const { status, text } = await wrong(`2001:db8::${attempt}`)
    expect(status).toBe(401)
    expect(text).toContain('role="alert"')
    expect(text).not.toContain('wrong"')
  }
  const late = await wrong('2001:db8:0:0:ffff::1')
  expect(late.status).toBe(429)
  expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0)
  const byBearer = (value: string) =>
    fetch(`${url}/api/checks`, { headers: { authorization: `Bearer ${value}`, ...from('2001:db8::1') } })
  expect((await byBearer('wrong')).status).toBe(429)
  // Who has the token is not locked out by others.
  expect((await byBearer(token)).status).toBe(200)
  expect((await signIn(url, {}, from('2001:db8::77'))).status).toBe(303)
  expect((await signIn(url, {}, from('2001:db8:1::1'))).status).toBe(303)
  expect((await signIn(url)).status).toBe(303)
})

test('a client without a trusted proxy does not choose its address', async ({ start }) => {
  const url = await start()
  const tries = Array.from({ length: 11 }, (_, index) => ({ 'x-forwarded-for': `198.51.100.${index}` }))
  const statuses = []
  for (const headers of tries) statuses.push((await signIn(url, { token: 'wrong' }, headers)).status)
  expect(statuses).toEqual([...Array(10).fill(401), 429])
})

test('requests of other sites change nothing', async ({ start }) => {
  const url = await start({ token, identityHeader: 'x-user', isTrustedProxy: trustLoopback })
  const cookie = cookieIn((await signIn(url)).headers)
  const foreign: Record<string, string>[] = [
    { origin: 'https://elsewhere.example' },
    { origin: 'null' },
    { origin: '' },
    { origin: url.replace('http:', 'https:') },
    { origin: `${url}.elsewhere.example` },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]
  for (const headers of foreign) {
    const authenticated: Record<string, string>[] = [{ cookie }, { 'x-user': 'ada' }]
    for (const means of authenticated) {
      const { status, text } = await post(`${url}/api/incidents/1/acknowledge`, { headers: { ...headers, ...means } })
      expect(status, JSON.stringify(headers)).toBe(403)
      expect(JSON.parse(text).detail).toMatch(/^This request did not come from a page of this monitor/)
    }
    expect((await signIn(url, {}, headers)).status).toBe(403)
    for (const path of ['/sign-out', '/SIGN-OUT/']) {
      expect((await post(url + path, { headers })).status).toBe(403)
    }
    expect((await post(`${url}/Sign-In/`, { fields: { name: 'Eve', token }, headers })).status).toBe(403)
  }
  // Without the header at all, as from a program.
  const program = await fetch(`${url}/sign-out`, { method: 'POST', headers: { cookie } })
  expect(program.status).toBe(403)
  expect((await post(`${url}/change`, { headers: { cookie } })).status).toBe(200)
  const bearer = await fetch(`${url}/change`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  expect(bearer.status).toBe(200)
})

test('a page of another site that has changed the address of its name to this one reads and changes nothing', async ({
  start,
}) => {
  const statusOf = async (
    url: string,
    headers: Record<string, string>,
    { path = '/api/checks', method = 'GET' } = {},
  ) => {
    const [response] = await once(httpRequest(url + path, { headers, method }).end(), 'response')
    const text = (await response.toArray()).join('')
    return response.statusCode === 421 ? `421 ${JSON.parse(text).detail}` : response.statusCode
  }
  const identified = { token, identityHeader: 'x-user', isTrustedProxy: trustLoopback }
  const plain = await start(identified)
  const other = expect.stringMatching(
    /^421 This monitor does not answer .* Set REPRISE_URL .* REPRISE_ALLOWED_HOSTS\.$/,
  )
  const foreign = [
    'evil.example',
    'evil.example:3100',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'xlocalhost',
    '[x]',
  ]
  for (const host of foreign) {
    expect(await statusOf(plain, { host }), host).toEqual(other)
    expect(await statusOf(plain, { host, 'x-user': 'ada' }), host).toEqual(other)
    expect(await statusOf(plain, { host }, { path: '/healthz' }), host).toBe(200)
  }
  const own = [
    '127.0.0.1:3100',
    '192.0.2.7',
    '[::1]:3100',
    '[2001:db8::7]',
    'localhost',
    'LOCALHOST:3100',
    'a.localhost',
    'localhost.',
  ]
  for (const host of own) expect(await statusOf(plain, { host }), host).toBe(200)
  const named = await start(identified, 'https://status.example.com/', ['status.internal'])
  for (const host of [...own, 'Status.Example.com', 'status.example.com:8443', 'status.internal:3100'])
    expect(await statusOf(named, { host }), host).toBe(200)
  for (const host of foreign) expect(await statusOf(named, { host }), host).toEqual(other)
  const read = (env: NodeJS.ProcessEnv) => readPageSettings(env).allowedHosts
  expect(read({ REPRISE_HOST: 'Box', REPRISE_ALLOWED_HOSTS: 'Status.internal, b' })).toEqual([
    'box',
    'status.internal',
    'b',
  ])
  expect(() => read({ REPRISE_ALLOWED_HOSTS: 'a, https://b' })).toThrow(
    /^REPRISE_ALLOWED_HOSTS has "https:\/\/b": write names/,
  )
  // What is changed comes from the page at REPRISE_URL, or from this machine.
  const changes = (host: string, origin: string) =>
    statusOf(named, { host, origin, 'x-user': 'ada' }, { method: 'POST' })
  expect(await changes('status.example.com', 'https://status.example.com')).toBe(200)
  expect(await changes('localhost:3100', 'http://localhost:3100')).toBe(200)
  expect(await changes('192.0.2.7', 'http://192.0.2.7')).toBe(403)
  expect(await changes('status.internal', 'http://status.internal')).toBe(403)
})

test('names and paths cannot carry headers, other hosts, or invisible characters', async ({ start }) => {
  const url = await start()
  for (const name of ['Ada\r\nSet-Cookie: a=b', '', '  ', 'a\u202eb', 'x'.repeat(101), 'a\u0000']) {
    const { status, headers, text } = await signIn(url, { name })
    expect(status, JSON.stringify(name)).toBe(401)
    expect(headers.get('set-cookie')).toBeNull()
    expect(text).not.toContain(token)
  }
  const script = await signIn(url, { name: '"><script>', token: 'wrong' })
  expect(script.text).toContain('value="&quot;&gt;&lt;script&gt;"')
  for (const next of [
    '//elsewhere.example/',
    '/\\elsewhere.example',
    'https://elsewhere.example',
    '/\t/elsewhere.example',
    '/.//elsewhere.example',
    'javascript:alert(1)',
  ]) {
    expect((await signIn(url, { next })).headers.get('location'), next).toBe('/')
  }
  expect((await signIn(url, { next: '/a\r\nSet-Cookie: a=b' })).headers.get('location')).toBe('/aSet-Cookie:%20a=b')
})

test('other content types and large bodies are refused', async ({ start }) => {
  const url = await start()
  expect((await signIn(url, {}, { 'content-type': 'text/plain' })).status).toBe(415)
  expect((await signIn(url, { name: 'x'.repeat(5000) })).status).toBe(413)
})

test('a trusted proxy names the operator, and no other peer does', async ({ start }) => {
  const settings = { identityHeader: 'x-forwarded-user', isTrustedProxy: trustLoopback }
  const url = await start(settings)
  const named = { 'x-forwarded-user': Buffer.from('Ada Löve').toString('latin1') }
  expect(await viewerAt(url, named)).toEqual({ kind: 'operator', name: 'Ada Löve', means: 'proxy' })
  const closed = { kind: 'public', maySignIn: false }
  expect(await viewerAt(url, {})).toEqual(closed)
  const { isTrustedProxy } = readOperatorSettings({ REPRISE_TRUSTED_PROXIES: '10.0.0.0/8, ::1' })
  expect(await viewerAt(await start({ ...settings, isTrustedProxy }), named)).toEqual(closed)
  expect([
    isTrustedProxy('::ffff:10.9.8.7'),
    isTrustedProxy('::1'),
    isTrustedProxy('11.0.0.1'),
    isTrustedProxy(undefined),
  ]).toEqual([true, true, false, false])
  // A proxy that adds its header to that of the client.
  const twice = httpRequest(`${url}/whoami`, { headers: { 'x-forwarded-user': ['eve', 'ada'] } }).end()
  const [response] = await once(twice, 'response')
  expect(JSON.parse((await response.toArray()).join(''))).toEqual(closed)
})

test('without a token no one signs in', async ({ start }) => {
  const url = await start({})
  expect(await (await fetch(`${url}/sign-in`)).text()).toContain('started without <code>REPRISE_OPERATOR_TOKEN</code>')
  expect((await signIn(url)).status).toBe(403)
  expect(await viewerAt(url, { authorization: `Bearer ${token}` })).toEqual({ kind: 'public', maySignIn: false })
})

test('settings that would let others in are refused at the start', () => {
  const read = (env: NodeJS.ProcessEnv) => () => readOperatorSettings(env)
  expect(read({ REPRISE_OPERATOR_TOKEN: 'short' })).toThrow(
    /^REPRISE_OPERATOR_TOKEN has 5 characters: write at least 16/,
  )
  expect(read({ REPRISE_OPERATOR_TOKEN: 'with a space, but long' })).toThrow(/^REPRISE_OPERATOR_TOKEN has a space/)
  expect(read({ REPRISE_IDENTITY_HEADER: 'x-user' })).toThrow(/needs REPRISE_TRUSTED_PROXIES/)
  const faulty = { REPRISE_IDENTITY_HEADER: 'x user', REPRISE_TRUSTED_PROXIES: '0.0.0.0/0 10.0.0.0/33 proxy.local' }
  expect(read(faulty)).toThrow(/"x user".*\n.*"0\.0\.0\.0\/0".*\n.*"10\.0\.0\.0\/33".*\n.*"proxy\.local"/)
  expect(readOperatorSettings({ REPRISE_OPERATOR_TOKEN: '', REPRISE_IDENTITY_HEADER: '' })).toMatchObject({
    token: undefined,
    identityHeader: undefined,
  })
})
