import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { migrate } from '../monitor/store/schema.ts'
import { test } from '../monitor/testing/service-fixture.ts'
import { monitor, replay } from '../monitor/testing/store-fixture.ts'
import { callCommand } from './testing/called-command.ts'

test('shows the incidents of another policy in the recorded history', async ({ store, project, emptyDatabase }) => {
  await migrate(store)
  await monitor(store, { name: 'users' })
  for (const [seconds, outcome] of [
    [90, 'passed'],
    [60, 'failed'],
    [40, 'failed'],
    [20, 'passed'],
  ] as const) {
    await replay(store, 'users', seconds, outcome)
  }
  const nested = await project('http://127.0.0.1:9', { checks: { users: { specs: 'a.spec.ts' } }, files: {} })
  const text = await readFile(path.join(nested.folder, 'monitor.config.mjs'), 'utf8')
  await writeFile(
    path.join(nested.folder, 'calmer.config.ts'),
    text.replace('"defaults":{', '"defaults":{"confirm":{"down":3},'),
  )
  const env = { REPRISE_MONITOR_DATABASE_URL: emptyDatabase.url }
  const rehearse = (...args: string[]) => callCommand(['monitor', 'rehearse', ...args], { env, folder: nested.folder })

  const calmer = await rehearse('--policy', 'calmer.config.ts')
  expect(calmer).toMatchObject({ code: 0, stderr: '' })
  // The offsets are whole seconds, and a second may begin between the inserts.
  expect(calmer.stdout).toMatch(
    /^By calmer.config.ts there would have been no incident\.\n\nIn fact there was 1 incident:\n {2}.* UTC {2}production: users, for 2\d\.0 s, alerts to oncall\n$/,
  )
  const same = await rehearse('--policy', 'monitor.config.mjs', '--since', '1h', '--json')
  const { rehearsed, actual } = JSON.parse(same.stdout)
  expect(rehearsed).toEqual([{ ...actual[0], channels: [] }])
  expect(same.stderr).toBe('1 without an alert: no channel, or maintenance all the time.\n')
  expect(
    JSON.parse((await rehearse('--policy', 'monitor.config.mjs', '--since', '30s', '--json')).stdout),
  ).toMatchObject({
    rehearsed: [],
    actual: [],
  })
})

test("an incident during which the database's clock was set back has no length", async ({
  store,
  project,
  emptyDatabase,
}) => {
  await migrate(store)
  await monitor(store, { name: 'users' })
  await store.query(`insert into reprise.incidents (environment, opened_at, closed_at)
                     values ('production', '2030-03-01T12:10:20Z', '2030-03-01T12:00:00Z');
                     insert into reprise.incident_checks select id, name, opened_at, closed_at from reprise.incidents, reprise.checks`)
  const nested = await project('http://127.0.0.1:9', { checks: { users: { specs: 'a.spec.ts' } }, files: {} })
  const env = { REPRISE_MONITOR_DATABASE_URL: emptyDatabase.url }
  const { stdout } = await callCommand(['monitor', 'rehearse', '--policy', 'monitor.config.mjs'], {
    env,
    folder: nested.folder,
  })
  expect(stdout).toContain(
    '2030-03-01 12:10:20 UTC  production: users, until 2030-03-01 12:00:00 UTC, by a clock that was set back, no alert',
  )
})

test('the schema of an older version is an error with the remedy', async ({ store, project, emptyDatabase }) => {
  await migrate(store)
  await store.query('alter table reprise.slots drop column set_backs')
  const nested = await project('http://127.0.0.1:9', { checks: { users: { specs: 'a.spec.ts' } }, files: {} })
  const env = { REPRISE_MONITOR_DATABASE_URL: emptyDatabase.url }
  expect(
    await callCommand(['monitor', 'rehearse', '--policy', 'monitor.config.mjs'], { env, folder: nested.folder }),
  ).toEqual({
    code: 2,
    stdout: '',
    stderr:
      `The monitor's database has the schema of an older version of Reprise (column "set_backs" does not exist). ` +
      'Start the monitor with this version, or run this command with that version.\n',
  })
})

test('missing and invalid arguments are errors', async ({ project }) => {
  const nested = await project('http://127.0.0.1:9', { checks: { users: { specs: 'a.spec.ts' } }, files: {} })
  for (const [args, complaint] of [
    [[], 'monitor rehearse needs --policy FILE; see --help.\n'],
    [['--policy', 'monitor.config.mjs', '--since', '5'], '--since is "5": write a duration such as 12h or 7d.\n'],
    [['--policy', 'none.ts'], expect.stringContaining('none.ts is missing: there is no such file')],
  ] as const) {
    expect(await callCommand(['monitor', 'rehearse', ...args], { folder: nested.folder })).toEqual({
      code: 2,
      stdout: '',
      stderr: complaint,
    })
  }
})
