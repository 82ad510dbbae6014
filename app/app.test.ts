import { type APIRequestContext, request as api } from '@playwright/test'
import { Pool } from 'pg'
import { pino } from 'pino'
import { test as base, expect } from '../testing/test.ts'
import { createApp } from './app.ts'
import { openApiDocument } from './openapi.ts'
import { serve } from './server.ts'

/** The app with an unreachable database: port 1 is closed. */
const test = base.extend<{ request: APIRequestContext }>({
  request: async ({}, use) => {
    const pool = new Pool({ host: '127.0.0.1', port: 1 })
    const server = await serve(createApp({ pool, logger: pino({ level: 'silent' }) }), '127.0.0.1', 0)
    const context = await api.newContext({ baseURL: server.url })
    await use(context)
    await context.dispose()
    await server.close(0)
    await pool.end()
  },
})

const ID = '5f8c9a44-6f5e-4c1a-9d0b-1f2e3d4c5b6a'

for (const path of ['/users', `/users/${ID}`, '/plans', '/readyz']) {
  test(`${path} is 503 with Retry-After while the database is unreachable`, async ({ request }) => {
    const response = await request.get(path)
    expect(response.status()).toBe(503)
    expect(response.headers()['retry-after']).toBe('5')
    expect(response.headers()['content-type']).toContain('application/problem+json')
    expect(await response.text()).not.toContain('ECONNREFUSED')
  })
}

test('the process is healthy while the database is unreachable, and serves the page', async ({ request }) => {
  expect((await request.get('/healthz')).status()).toBe(200)
  expect((await request.get('/')).status()).toBe(200)
})

test('a request may set its id, unless that contains special characters', async ({ request }) => {
  const answered = async (id: string) =>
    (await request.get('/healthz', { headers: { 'X-Request-Id': id } })).headers()['x-request-id']
  expect(await answered('deploy-17.a_b')).toBe('deploy-17.a_b')
  for (const hostile of ['', 'two words', '"}{"level":60', '<script>', 'x'.repeat(65)]) {
    expect(await answered(hostile)).toMatch(/^[0-9a-f-]{36}$/)
  }
})

for (const [path, operations] of Object.entries(openApiDocument().paths)) {
  test(`${path} allows exactly the methods in /openapi.json`, async ({ request }) => {
    const described = ['get', 'post', 'patch', 'delete'].filter(method => method in operations)
    const response = await request.fetch(path.replace('{id}', ID), { method: 'PUT' })
    expect(response.status()).toBe(405)
    const allowed = response.headers().allow?.toLowerCase().split(', ')
    expect(allowed).toEqual([...described, 'head', 'options'])
  })
}
