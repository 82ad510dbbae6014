import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { test } from '../../testing/nested-monitor/nested-monitor.ts'

test('a possible leak is in the printed line, the document, the report and the exit code of a run', async ({
  serve,
  project,
}) => {
  const url = await serve((request, response) => {
    const { method, url = '' } = request
    if (method === 'POST' && url !== '/elsewhere')
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":7}')
    else if (method === 'POST') response.writeHead(201, { location: '/' }).end()
    else response.writeHead(404).end()
  })
  const nested = await project(url, {
    environment: { writes: 'cleaned', cleanup: [{ create: 'POST /order', remove: 'DELETE /order/{body.id}' }] },
    checks: { reads: { specs: 'a.spec.ts' }, orders: { specs: 'orders.spec.ts', cron: '* * * * *' } },
    files: {
      'a.spec.ts': `test('reads', async ({ request }) => { expect((await request.get('/')).status()).toBe(404) })`,
      'orders.spec.ts': `
        for (const title of ['one', 'two']) {
          test(title, async ({ request }) => {
            expect(await request.post('/orders')).toBeOK()
          })
        }
        test.describe(() => {
          test.beforeAll(async ({ request }) => {
            expect(await request.post('/users')).toBeOK()
          })
          test('after a hook', async () => {})
        })
        test.describe.serial('in a serial group', () => {
          test.use({ isolation: 'serial' })
          test('creates', async ({ request }) => {
            expect(await request.post('/carts')).toBeOK()
          })
          test('waits', async () => {})
        })
        test('elsewhere', async ({ request }) => {
          expect(await request.post('/elsewhere')).toBeOK()
        })`,
    },
  })
  const { code, document, stderr } = await nested.run()
  expect({ code, exitCode: document.exitCode }).toEqual({ code: 4, exitCode: 4 })
  // What a hook has left counts for the check of its test.
  expect(document.checks).toMatchObject([
    { outcome: 'passed', ledger: { removed: 0, unverified: 0, unresolved: 0, suspected: 0 } },
    { outcome: 'passed', ledger: { removed: 0, unverified: 0, unresolved: 1, suspected: 4 } },
  ])
  const route =
    "Possible leak in production: POST /orders was answered like a creation, with 200 and the field id; if it creates, add this rule: { create: 'POST /orders', remove: 'DELETE /orders/{body.id}' }"
  expect(stderr.split(route)).toHaveLength(2)
  expect(stderr).toContain(
    "The cleanup rule for 'POST /order' of production fitted no request of this run; POST /orders came near.",
  )
  expect(stderr).toContain(`Possible leak in production: POST ${url}/elsewhere, sent at `)

  // What a hook and a serial group have created is removed after the tests that could show it.
  for (const route of ['POST /users', 'POST /carts']) {
    expect(stderr.split(`Possible leak in production: ${route} was answered like a creation`)).toHaveLength(2)
  }
  expect(await readdir(path.join(nested.folder, '.reprise/ledger'))).toHaveLength(1)

  const allowed = await nested.start(['run', '--allow-leaks']).result
  expect(allowed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^orders {2}passed {3}.*, 5 possibly left behind$/m),
  })
})
