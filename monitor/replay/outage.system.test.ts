import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { expect } from '@playwright/test'
import { test } from '../../testing/nested-monitor/nested-monitor.ts'

const checks = Object.fromEntries(
  Array.from({ length: 12 }, (_, index) => [`check-${index}`, { specs: 'a.spec.ts', title: `asks /${index}.` }]),
)
const files = {
  'a.spec.ts': `for (let index = 0; index < 12; index++) {
    test('asks /' + index + '.', async ({ request }) => { expect((await request.get('/' + index)).status()).toBe(200) })
  }
  test('is fixed later', async ({ request }) => { test.fixme(); await request.get('/fixme') })
  test.skip('is skipped', async ({ request }) => { await request.get('/skipped') })`,
}

test('where the service does not respond, a run ends with the first test, and every check has failed for that reason', async ({
  serve,
  project,
}) => {
  const asked: string[] = []
  const hanging = await serve(({ url }) => asked.push(url ?? ''))
  const refusing = await freeAddress()
  const hung = await project(hanging, {
    defaults: { timeout: '4s', retries: 1 },
    checks: {
      patient: { specs: 'b.spec.ts', timeout: '9s' },
      ...checks,
      skipped: { specs: 'a.spec.ts', title: 'is skipped' },
    },
    files: { ...files, 'b.spec.ts': `test('has time', async ({ request }) => { await request.get('/patient') })` },
  })
  const document = await hung.replay()
  expect(document.exitCode).toBe(1)
  expect(document.checks.slice(0, 13).map(({ outcome }) => outcome)).toEqual(Array(13).fill('failed'))
  expect(document.checks[13]).toMatchObject({ outcome: 'unknown' })
  // A check with more time does not keep the others waiting.
  const [patient, , ...others] = document.checks
    .slice(0, 13)
    .map(({ specs }) => specs[0]?.attempts.at(-1)?.error?.message)
  const within = (seconds: number) =>
    `The environment does not respond, so the test was not run to its end: GET ${hanging} was not answered within ${seconds} s.`
  expect(patient).toBe(within(9))
  expect(others).toEqual(Array(11).fill(within(4)))
  // The first one, or also the next one, and the base URL.
  expect(asked).toContain('/0')
  expect(asked).not.toContain('/3')

  const refused = await project(refusing, { defaults: { retries: 1 }, checks, files })
  const result = await refused.replay()
  expect(result.checks.map(({ outcome }) => outcome)).toEqual(Array(12).fill('failed'))
  expect(result.checks[11]?.specs[0]?.attempts.at(-1)?.error?.message).toContain('connect ECONNREFUSED')
})

test('a retry that has not begun when the service is found to be unreachable is not sent', async ({
  serve,
  project,
}) => {
  const asked: string[] = []
  const hanging = await serve(({ url }) => asked.push(url ?? ''))
  const monitor = await project(hanging, {
    defaults: { timeout: '4s', retries: 1 },
    checks,
    // Longer than it takes to find the service unreachable.
    files: { 'a.spec.ts': `await new Promise(resolve => setTimeout(resolve, 2000)); ${files['a.spec.ts']}` },
    playwright: { workers: 1 },
  })
  const document = await monitor.replay()
  expect(document.checks.map(({ outcome }) => outcome)).toEqual(Array(12).fill('failed'))
  expect(asked.filter(url => url === '/0')).toEqual(['/0'])
})

test('a test that was moved to another process is not sent when the service was found to be unreachable before', async ({
  serve,
  project,
}) => {
  const asked: string[] = []
  const hanging = await serve(({ url }) => asked.push(url ?? ''))
  // Loads only after the service was found unreachable.
  const slow = `if (process.env.REPRISE_MOVED_TESTS?.includes('process-002')) await new Promise(resolve => setTimeout(resolve, 6000))`
  const monitor = await project(hanging, {
    defaults: { timeout: '4s' },
    checks,
    files: { 'a.spec.ts': `${slow}\n${files['a.spec.ts']}` },
    playwright: { workers: 1 },
  })
  const document = await monitor.replay()
  expect(document.checks.map(({ outcome }) => outcome)).toEqual(Array(12).fill('failed'))
  expect(asked.filter(url => url !== '/')).toEqual(['/0'])
})

test('where the base URL responds, or specs may send requests to another origin, every check is tried', async ({
  serve,
  project,
}) => {
  const asked: string[] = []
  const base = await serve(({ url = '', socket }, response) => {
    asked.push(url)
    if (url === '/') response.writeHead(404).end()
    else socket.destroy()
  })
  const monitor = await project(base, { checks, files })
  expect((await monitor.replay()).exitCode).toBe(1)
  expect(new Set(asked.filter(url => url !== '/'))).toEqual(
    new Set(Array.from({ length: 12 }, (_, index) => `/${index}`)),
  )
  const gone = await freeAddress()
  const elsewhere = await project(gone, {
    environment: { origins: [base] },
    checks: {
      base: { specs: 'a.spec.ts', title: 'asks the base' },
      other: { specs: 'a.spec.ts', title: 'asks another' },
    },
    files: {
      'a.spec.ts': `test('asks the base', async ({ request }) => { await request.get('/') })
        test('asks another', async ({ request }) => { await request.get('${base}/') })`,
    },
  })
  const document = await elsewhere.replay()
  expect(document.checks.map(({ outcome }) => outcome)).toEqual(['failed', 'passed'])
})

test('a service whose base URL does not respond is not taken for unreachable while others of its URLs respond', async ({
  serve,
  project,
}) => {
  const base = await serve(({ url }, response) => {
    if (url === '/') return
    // Longer than the base URL is waited for.
    setTimeout(() => response.end(), url === '/slow' ? 1500 : 0)
  })
  const monitor = await project(base, {
    defaults: { timeout: '4s' },
    checks: { all: { specs: 'a.spec.ts' } },
    files: {
      'a.spec.ts': `test('long', async ({ request }) => {
        test.setTimeout(20_000)
        for (let index = 0; index < 5; index++) await request.get('/slow')
      })
      test('quick', async ({ request }) => { await request.get('/quick') })`,
    },
  })
  expect((await monitor.replay()).checks).toMatchObject([{ outcome: 'passed' }])
})

test('a test whose requests go through a proxy does not fail with the base URL', async ({ serve, project }) => {
  const proxy = createServer((_request, response) => response.end())
  proxy.on('connect', (_request, socket) => {
    socket.on('error', () => undefined)
    const answer = () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
    socket.once('data', answer)
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  const asks = (index: number) => `test('asks ${index}', async ({ request }) => { await request.get('/${index}') })`
  const byProxy = (server: string) => `test.use({ proxy: { server: '${server}' } })`
  try {
    const monitor = await project(await freeAddress(), {
      environment: { workers: 1 },
      defaults: { timeout: '10s' },
      checks: { plain: { specs: 'a.spec.ts' }, proxied: { specs: 'b.spec.ts' } },
      files: {
        'a.spec.ts': `${[0, 1, 2].map(asks).join('\n')}
          test('is long', async ({ request }) => { await request.get('/', { maxRetries: 1000 }) })`,
        'b.spec.ts': `${byProxy(`http://127.0.0.1:${Object(proxy.address()).port}`)}\n${asks(3)}`,
      },
    })
    expect((await monitor.replay()).checks).toMatchObject([{ outcome: 'failed' }, { outcome: 'passed' }])
  } finally {
    proxy.closeAllConnections()
    proxy.close()
  }
  // The reverse: only the proxy is unreachable, and the base URL responds late.
  const answered: string[] = []
  const base = await serve(({ url = '' }, response) => {
    if (url === '/') return
    answered.push(url)
    response.end()
  })
  const slow = await project(base, {
    environment: { workers: 1 },
    defaults: { timeout: '2s' },
    checks: { proxied: { specs: 'a.spec.ts' }, plain: { specs: 'b.spec.ts' } },
    files: {
      // Set only while the test runs.
      'a.spec.ts': `test('asks 0', async ({ playwright }) => {
          await (await playwright.request.newContext({ proxy: { server: '${await freeAddress()}' } })).get('/0')
        })
        test('is long', async () => { test.setTimeout(20_000); await new Promise(resolve => setTimeout(resolve, 4000)) })`,
      'b.spec.ts': asks(1),
    },
  })
  expect((await slow.replay()).checks).toMatchObject([{ outcome: 'failed' }, { outcome: 'passed' }])
  expect(answered).toEqual(['/1'])
})

test('specs that load through a proxy of the configuration do not fail with the base URL', async ({ project }) => {
  const monitor = await project(await freeAddress(), {
    checks: { users: { specs: 'a.spec.ts' } },
    files: {
      'setup.ts': `export default async () => { throw new Error('it breaks') }`,
      'a.spec.ts': `test('answers', async ({ request }) => { await request.get('/') })`,
    },
    playwright: {
      globalSetup: './setup.ts',
      use: { launchOptions: { args: ['--host-resolver-rules=MAP * 127.0.0.1'] } },
    },
  })
  expect((await monitor.replay()).checks).toMatchObject([
    { outcome: 'error', reason: expect.stringContaining('it breaks') },
  ])
})

test('a global setup that finds the service unreachable is a failure of the service, and one that breaks is none', async ({
  serve,
  project,
}) => {
  const base = await serve((_request, response) => response.end())
  const gone = await freeAddress()
  const run = async (url: string) => {
    const monitor = await project(url, {
      checks: { users: { specs: 'a.spec.ts' } },
      files: {
        'setup.ts': `export default async () => { await fetch(process.env.REPRISE_TARGET); throw new Error('it breaks') }`,
        'a.spec.ts': `test('answers', async ({ request }) => { await request.get('/') })`,
      },
      playwright: { globalSetup: './setup.ts' },
    })
    return (await monitor.replay()).checks
  }
  expect(await run(gone)).toMatchObject([
    { outcome: 'failed', reason: expect.stringContaining('connect ECONNREFUSED') },
  ])
  expect(await run(base)).toMatchObject([{ outcome: 'error', reason: expect.stringContaining('it breaks') }])
})

/** Of a port that was free a moment ago. */
async function freeAddress(): Promise<string> {
  const server = createTcpServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${Object(server.address()).port}`
  await new Promise(resolve => server.close(resolve))
  return address
}
