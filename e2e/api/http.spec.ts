// The sample's HTTP in general: bodies, methods, headers, health, OpenAPI description.
import { expect, test } from '../test.ts'

for (const [what, status, contentType, body] of [
  ['malformed JSON', 400, 'application/json', '{"name": '],
  ['JSON that is no object', 422, 'application/json', '[]'],
  ['an empty body', 422, 'application/json', ''],
  ['more than 16 kB', 413, 'application/json', JSON.stringify({ name: 'a'.repeat(17_000) })],
  ['a form', 415, 'application/x-www-form-urlencoded', 'name=Ada'],
  ['another character set', 415, 'application/json; charset=latin1', '{}'],
] as const) {
  test(`${what} is refused with ${status}`, { tag: '@smoke' }, async ({ request }) => {
    const response = await request.post('/users', { headers: { 'Content-Type': contentType }, data: Buffer.from(body) })
    expect(response.status()).toBe(status)
    expect(await response.json()).toMatchObject({ status, instance: '/users' })
  })
}

test('an unsupported method is refused with the allowed methods', { tag: '@smoke' }, async ({ request }) => {
  const response = await request.put('/users', { data: {} })
  expect(response.status()).toBe(405)
  expect(response.headers().allow).toBe('GET, POST, HEAD, OPTIONS')
})

test('a response has the request id of its request, or a new one', { tag: '@smoke' }, async ({ request }) => {
  const named = await request.get('/healthz', { headers: { 'X-Request-Id': 'spec-17' } })
  expect(named.headers()['x-request-id']).toBe('spec-17')
  const hostile = await request.get('/healthz', { headers: { 'X-Request-Id': '"}{"level":60' } })
  expect(hostile.headers()['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
})

test('the process and the database are healthy', { tag: '@smoke' }, async ({ request }) => {
  await expect(await request.get('/healthz')).toBeOK()
  await expect(await request.get('/readyz')).toBeOK()
})

test('the plans exist before the first user', { tag: '@smoke' }, async ({ request }) => {
  const { plans } = await (await request.get('/plans')).json()
  expect(plans).toContainEqual({ id: 'free', name: 'Free' })
})

test('the API describes itself', { tag: '@smoke' }, async ({ request }) => {
  const { openapi, paths } = await (await request.get('/openapi.json')).json()
  expect(openapi).toMatch(/^3\.1\./)
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/users', '/users/{id}']))
})

test('the page can run its own scripts, and no others', { tag: '@smoke' }, async ({ request }) => {
  const policy = (await request.get('/')).headers()['content-security-policy']
  expect(policy).toContain("default-src 'none';script-src 'self'")
  expect(policy).not.toContain('unsafe')
})
