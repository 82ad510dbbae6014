import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { expect } from '@playwright/test'
import { type Fault, startService } from '../fixtures/testing/service.ts'
import { test as base } from '../monitor/testing/service-fixture.ts'
import { startCommand } from '../testing/nested-monitor/started-command.ts'

const canary = 'canary-4711'

interface KilledFixtures {
  /** A monitor that was killed between a creation and its response; returns the state of its service. */
  killed: { rows: Map<string, unknown>; created: string[]; url: string; token: unknown }
}

const test = base.extend<KilledFixtures>({
  killed: async ({ project, startMonitor, emptyDatabase }, use) => {
    let arrive: (token: unknown) => void = () => undefined
    const arrived = new Promise(resolve => {
      arrive = resolve
    })
    let leave: () => void = () => undefined
    const left = new Promise<void>(resolve => {
      leave = resolve
    })
    let count = 0
    const fault: Fault = (request, response, create) => {
      if (request.method !== 'POST' || ++count < 3) return false
      create()
      response.once('close', leave)
      arrive(request.headers.traceparent)
      return true
    }
    const service = await startService(fault)
    service.rows.set('other', { id: 'other', ref: 'of others' })
    const name = new URL(emptyDatabase.url).pathname.slice(1)
    const monitor = await startMonitor(
      await project(service.url, {
        environment: {
          writes: 'cleaned',
          headers: { authorization: 'Bearer ${secret:' + 'SMOKE_TOKEN}' },
          cleanup: [
            { create: 'POST /orders', remove: 'DELETE /orders/{body.id}', find: 'GET /orders?ref={request.ref}' },
          ],
        },
        checks: { orders: { specs: 'a.spec.ts' } },
        files: {
          'a.spec.ts': `test('orders', async ({ request, unique }, info) => {
            // Specs do not see the database's URL.
            expect(JSON.stringify([process.env, info.project])).not.toContain('${name}')
            // A sweep waits until the limit of a request whose response did not arrive.
            for (;;) await request.post('/orders?key=${canary}', { data: { ref: unique.name() }, timeout: 8000 })
          })`,
        },
      }),
      { SMOKE_TOKEN: canary },
    )
    const token = await arrived
    monitor.process.kill('SIGKILL')
    await Promise.all([once(monitor.process, 'exit'), left])
    await use({ ...service, token })
    await service.close()
  },
})

test('a sweep from any machine removes what a lost monitor had created', async ({
  killed,
  store,
  emptyDatabase,
}, info) => {
  const { rows } = await store.query(
    'select intent, created, intent::text as text from reprise.intents order by position',
  )
  expect(rows.map(({ created }) => created)).toEqual([expect.stringContaining('DELETE '), expect.anything(), null])
  expect(rows[2].intent.token).toBe(killed.token)
  for (const { text } of rows) expect(text).not.toContain(canary)

  const folder = info.outputPath('elsewhere')
  await mkdir(folder, { recursive: true })
  const env = { REPRISE_MONITOR_DATABASE_URL: emptyDatabase.url, SMOKE_TOKEN: canary }
  // It waits until the monitor counts as dead; of the 20 seconds since its last sign of life, most have passed.
  await store.query(`update reprise.ledgers set held_until = clock_timestamp() + interval '6 seconds'`)
  const swept = await startCommand(['sweep', '--json'], { env, folder }).result
  expect(swept).toMatchObject({ code: 0, stderr: '' })
  // Its worker may have removed some before it could record that.
  const { removed, unverified, neverCreated, leaks } = JSON.parse(swept.stdout)
  expect({ settled: removed + unverified + neverCreated, leaks }).toEqual({ settled: killed.created.length, leaks: [] })
  expect([...killed.rows.keys()]).toEqual(['other'])
  expect((await store.query('select from reprise.ledgers')).rowCount).toBe(0)
})

test('another monitor on the same database removes what a dead one had created', async ({
  killed,
  store,
  project,
  startMonitor,
}) => {
  await store.query('update reprise.ledgers set held_until = now()')
  const files = { 'a.spec.ts': `test('answers', async ({ request }) => { await request.get('/') })` }
  const other = await project(killed.url, { checks: { reads: { specs: 'a.spec.ts' } }, files })
  await startMonitor(other, { SMOKE_TOKEN: canary })
  await expect.poll(() => [...killed.rows.keys()]).toEqual(['other'])
})
