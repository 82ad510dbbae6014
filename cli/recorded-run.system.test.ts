import { expect } from '@playwright/test'
import { test } from '../monitor/testing/service-fixture.ts'

test('a manual run is stored by the monitor, which has to know its checks', async ({
  serve,
  project,
  startMonitor,
  emptyDatabase,
  store,
}) => {
  let status = 200
  const base = await serve((_request, response) => response.writeHead(status).end())
  const nested = await project(base, {
    defaults: { confirm: { down: 1, up: 1, every: '1s' } },
    checks: { users: { specs: 'a.spec.ts' } },
    files: {
      'a.spec.ts': `test('answers', async ({ request }) => { expect((await request.get('/')).status()).toBe(200) })`,
    },
  })
  const env = { REPRISE_MONITOR_DATABASE_URL: emptyDatabase.url }
  const unknown = await nested.start(['run', '--record'], env).result
  expect(unknown).toMatchObject({ code: 2, stdout: '' })
  expect(unknown.stderr).toContain('Cannot be recorded now: users.')

  const monitor = await startMonitor(nested)
  await monitor.says('users is up')
  status = 500
  const { code, document } = await nested.run(['--record'], env)
  expect({ code, outcome: document.checks[0]?.outcome }).toEqual({ code: 1, outcome: 'failed' })
  await monitor.says('users is down')
  const { rows } = await store.query(
    `select slot.kind, slot.state, replay.outcome, replay.detail ->> 'run' as run
       from reprise.slots slot join reprise.replays replay using (check_name, due, location, kind)
      where replay.id = $1`,
    [document.checks[0]?.replay],
  )
  expect(rows).toEqual([{ kind: 'manual', state: 'done', outcome: 'failed', run: document.run }])
  // It is not an instance any more, and occupies no location.
  expect((await store.query('select from reprise.instances')).rowCount).toBe(1)
  expect((await store.query('select from reprise.seats where taken_by is not null')).rowCount).toBe(0)
})
