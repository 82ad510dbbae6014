import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import type { NestedMonitor } from '../../testing/nested-monitor/nested-monitor.ts'
import { loadConfiguration } from '../config/load-configuration.ts'
import { answers, service } from '../testing/breaking-service-fixture.ts'
import { test } from '../testing/service-fixture.ts'
import { slotStates } from '../testing/store-fixture.ts'
import { startService } from './service.ts'

/** In this process, so that it can be stopped as somebody wants. */
async function startHere({ folder }: NestedMonitor, databaseUrl: string, complain: (text: string) => void) {
  return startService({
    configuration: await loadConfiguration(folder),
    databaseUrl,
    location: 'local',
    capacity: 10,
    env: process.env,
    senderOf: 'muted',
    onStateChange: () => undefined,
    onConfiguration: () => undefined,
    complain,
  })
}

test('a replay that outlasts the time which it has to end is interrupted, and says nothing of the target', async ({
  serve,
  project,
  store,
  emptyDatabase,
}) => {
  const { state, listener, request, replays } = service()
  state.hangs = true
  const nested = await project(await serve(listener), {
    checks: { users: { specs: 'a.spec.ts', cron: '* * * * * *' } },
    files: { 'a.spec.ts': answers },
  })
  const asked = request()
  const complaints: string[] = []
  const monitor = await startHere(nested, emptyDatabase.url, text => complaints.push(text))
  await asked
  await monitor.stop(100)
  const { rows } = await store.query('select outcome, reason from reprise.replays')
  expect(rows).toEqual([{ outcome: 'unknown', reason: 'interrupted: the run was stopped' }])
  const states = (await slotStates(store)).map(({ state }) => state)
  expect(states.filter(state => state === 'claimed' || state === 'running')).toEqual([])
  expect((await store.query('select from reprise.instances')).rowCount).toBe(0)
  expect(replays).toHaveLength(1)
  expect(complaints).toEqual([])
})

test('a result that waits on disk when it stops goes in before it has stopped, if it can', async ({
  serve,
  project,
  store,
  emptyDatabase,
}) => {
  const { state, listener, goOn, request } = service()
  state.hangs = true
  const nested = await project(await serve(listener), {
    checks: { users: { specs: 'a.spec.ts' } },
    files: { 'a.spec.ts': answers },
  })
  let complained: (() => void) | undefined
  const complaint = new Promise<void>(resolve => {
    complained = resolve
  })
  const asked = request()
  const monitor = await startHere(nested, emptyDatabase.url, text => {
    // It has tried what waits in vain, and does so again after a second.
    if (text.startsWith('The database does not hear that this instance lives')) complained?.()
  })
  await asked
  await store.query('alter table reprise.rollups rename to elsewhere')
  goOn()
  await complaint
  await store.query('alter table reprise.elsewhere rename to rollups')
  await monitor.stop(10_000)
  expect((await store.query('select outcome from reprise.replays')).rows).toEqual([{ outcome: 'passed' }])
})

test('a result that nothing takes when it stops is named as lost', async ({ serve, project, store, emptyDatabase }) => {
  const { state, listener, goOn, request } = service()
  state.hangs = true
  const nested = await project(await serve(listener), {
    checks: { users: { specs: 'a.spec.ts' } },
    files: { 'a.spec.ts': answers },
  })
  const complaints: string[] = []
  const asked = request()
  const monitor = await startHere(nested, emptyDatabase.url, text => complaints.push(text))
  await asked
  await store.query('alter table reprise.rollups rename to elsewhere')
  await mkdir(path.join(nested.folder, '.reprise/monitor'), { recursive: true })
  // Nothing can be made in it.
  await writeFile(path.join(nested.folder, '.reprise/monitor/results'), '')
  goOn()
  await monitor.stop(10_000)
  expect(complaints.at(-1)).toMatch(
    /^Lost, since neither the database nor the disk takes results: users, due at 20\d\d-\d\d-\d\d \S+ UTC\.$/,
  )
})
