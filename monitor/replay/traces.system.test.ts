import { expect } from '@playwright/test'
import { test } from '../../testing/nested-monitor/nested-monitor.ts'

test('an attempt has the trace of its requests, and a failure the step of the spec', async ({ serve, project }) => {
  const traces: string[] = []
  const base = await serve(({ headers }, response) => {
    // Whether the service can be reached is asked without one.
    if (headers.traceparent) traces.push(String(headers.traceparent).slice(3, 35))
    response.writeHead(500).end()
  })
  const monitor = await project(base, {
    checks: { users: { specs: 'a.spec.ts', retries: 0 } },
    files: {
      'a.spec.ts': `
        test('fails', async ({ request }) => {
          await test.step('adds a user', async () => {
            await test.step('asks for it', async () => expect((await request.get('/')).status()).toBe(200))
          })
        })
        test('sends nothing', async () => expect(1).toBe(2))`,
    },
  })
  const document = await monitor.replay()
  const [trace] = traces
  expect(trace).toMatch(/^[0-9a-f]{32}$/)
  const [failed, silent] = document.checks.flatMap(({ specs }) => specs.flatMap(({ attempts }) => attempts))
  expect(failed).toMatchObject({ traceId: trace, error: { step: 'adds a user › asks for it' } })
  expect(silent?.traceId).toBeUndefined()
  expect(silent?.error?.step).toBeUndefined()
})
