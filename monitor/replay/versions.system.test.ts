import { once } from 'node:events'
import { createServer } from 'node:https'
import { expect } from '@playwright/test'
import { cert, key } from '../../fixtures/testing/certificate.ts'
import { test } from '../../testing/nested-monitor/nested-monitor.ts'

test('a replay has the versions and certificates that it saw, of the base URL only, and without secrets', async ({
  serve,
  project,
}) => {
  const third = await serve((_request, response) => response.setHeader('x-version', 'of another').end('{}'))
  const secure = createServer({ cert, key }, (_request, response) => response.end('{}')).listen(0, '127.0.0.1')
  await once(secure, 'listening')
  const origin = `https://127.0.0.1:${Object(secure.address()).port}`
  let asked = 0
  const base = await serve(({ url, headers }, response) => {
    if (url === '/version') {
      asked++
      const isKnown = headers.authorization === 'Bearer canary-4711'
      response.writeHead(isKnown ? 200 : 401).end(JSON.stringify({ version: `2.37.0-${headers.authorization}\u0007` }))
      return
    }
    // The service is being deployed.
    response.setHeader('X-Version', url === '/old' ? '2.36.1' : '2.37.0').end('{}')
  })
  const monitor = await project(base, {
    environment: { version: { header: 'x-version' } },
    environments: {
      asked: {
        baseURL: base,
        headers: { authorization: 'Bearer ${secret:' + 'SMOKE_TOKEN}' },
        version: { path: '/version' },
        origins: [origin],
        tls: { ignoreHTTPSErrors: true },
      },
    },
    checks: { users: { specs: 'a.spec.ts' } },
    files: {
      'a.spec.ts': `
        test('one', async ({ request }) => { await request.get('/old'); await request.get('${third}/') })
        test('two', async ({ request }) => { await request.get('/'); await request.get('/') })
        test('secure', async ({ request }) => {
          if (process.env.SMOKE_TOKEN) for (const path of ['/a', '/b']) await request.get('${origin}' + path)
        })
        test('none', async () => {})`,
    },
  })
  const document = await monitor.replay()
  expect(document.checks).toMatchObject([{ versions: ['2.36.1', '2.37.0'] }])
  expect(asked).toBe(0)
  const other = await monitor.replay({ environment: 'asked', env: { SMOKE_TOKEN: 'canary-4711' } })
  expect(other.checks).toMatchObject([{ versions: ['2.37.0-Bearer ${secret:' + 'SMOKE_TOKEN}\\u0007'] }])
  const seen = { origin, subject: '127.0.0.1', issuer: '127.0.0.1', expiresAt: '2126-10-31T04:29:07.000Z' }
  expect(Object(other.checks[0]).certificates).toEqual([seen])
  expect(JSON.stringify(other)).not.toContain('canary')
  expect(asked).toBe(3)
  secure.closeAllConnections()
  secure.close()
})
