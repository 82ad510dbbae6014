import { expect } from '@playwright/test'
import { test } from '../../testing/nested-monitor/nested-monitor.ts'

test('a replay has the versions that it saw, of the base URL only, and without secrets', async ({ serve, project }) => {
  const third = await serve((_request, response) => response.setHeader('x-version', 'of another').end('{}'))
  let requests = 0
  let asked = 0
  const base = await serve(({ url, headers }, response) => {
    if (url === '/version') {
      asked++
      const isKnown = headers.authorization === 'Bearer canary-4711'
      response.writeHead(isKnown ? 200 : 401).end(JSON.stringify({ version: `2.37.0-${headers.authorization}\u0007` }))
      return
    }
    requests++
    // The service is being deployed.
    response.setHeader('X-Version', requests === 1 ? '2.36.1' : '2.37.0').end('{}')
  })
  const monitor = await project(base, {
    environment: { version: { header: 'x-version' } },
    environments: {
      asked: {
        baseURL: base,
        headers: { authorization: 'Bearer ${secret:' + 'SMOKE_TOKEN}' },
        version: { path: '/version' },
      },
    },
    checks: { users: { specs: 'a.spec.ts' } },
    files: {
      'a.spec.ts': `
        test('one', async ({ request }) => { await request.get('/'); await request.get('${third}/') })
        test('two', async ({ request }) => { await request.get('/'); await request.get('/') })
        test('none', async () => {})`,
    },
  })
  const { document } = await monitor.run()
  expect(document.checks).toMatchObject([{ versions: ['2.36.1', '2.37.0'] }])
  expect(asked).toBe(0)
  const { document: other, stdout } = await monitor.run(['--env', 'asked'], { SMOKE_TOKEN: 'canary-4711' })
  expect(other.checks).toMatchObject([{ versions: ['2.37.0-Bearer ${secret:' + 'SMOKE_TOKEN}\\u0007'] }])
  expect(stdout).not.toContain('canary')
  expect(asked).toBe(2)
})
