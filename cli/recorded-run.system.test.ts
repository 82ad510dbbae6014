import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { test } from '../monitor/testing/service-fixture.ts'
import { shownTests } from '../testing/nested-monitor/html-report.ts'

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
    evidence: { store: 'postgres' },
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
  // Both runs are in the store of all instances; whoever has started one has its page on disk.
  const stored = () => store.query('select run, outcomes, bytes > 1000 as is_whole from reprise.evidence order by run')
  await expect
    .poll(async () => (await stored()).rows)
    .toEqual([
      { run: expect.not.stringMatching(document.run), outcomes: { users: 'passed' }, is_whole: true },
      { run: document.run, outcomes: { users: 'failed' }, is_whole: true },
    ])
  expect((await store.query('select from pg_largeobject_metadata')).rowCount).toBe(2)
  expect(await readdir(path.join(nested.folder, '.reprise/runs'))).toEqual([document.run])
  expect(await shownTests(path.join(nested.folder, document.report ?? ''))).toMatchObject([{ title: 'answers' }])
  // It is not an instance any more, and occupies no location.
  expect((await store.query('select from reprise.instances')).rowCount).toBe(1)
  expect((await store.query('select from reprise.seats where taken_by is not null')).rowCount).toBe(0)
})
