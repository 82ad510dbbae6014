import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { secret } from '../../environment/secrets/secret.ts'
import type { NestedMonitor } from '../../testing/nested-monitor/nested-monitor.ts'
import { loadConfiguration } from '../config/load-configuration.ts'
import { requestReplay } from '../store/slots.ts'
import { answers, service } from '../testing/breaking-service-fixture.ts'
import { monthsAway } from '../testing/months-away.ts'
import { test } from '../testing/service-fixture.ts'
import { slotStates } from '../testing/store-fixture.ts'
import { startService } from './service.ts'

/** Runs the service in this process, to stop it at a chosen time. */
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

test('a replay that outlasts the grace period is interrupted, and has no evidence of the target', async ({
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

test('while its last runs end, a stopping monitor still takes the reports of jobs', async ({
  serve,
  project,
  startMonitor,
  store,
}) => {
  const { state, listener, goOn, request } = service()
  state.hangs = true
  const nested = await project(await serve(listener), {
    settings: { heartbeats: { backup: { every: '1h', grace: '1h', token: secret('BACKUP_TOKEN') } } },
    checks: { users: { specs: 'a.spec.ts' } },
    files: { 'a.spec.ts': answers },
  })
  const asked = request()
  const monitor = await startMonitor(nested, { BACKUP_TOKEN: 'token-of-the-backup-0123' })
  await asked
  monitor.process.kill('SIGTERM')
  await monitor.says('Stopping')
  const report = await fetch(new URL('/heartbeats/backup', monitor.url), {
    method: 'POST',
    headers: { authorization: 'Bearer token-of-the-backup-0123' },
  })
  expect(report.status).toBe(200)
  goOn()
  expect(await monitor.result).toMatchObject({ code: 0, stderr: '' })
  const { rows } = await store.query('select name, state from reprise.checks order by name')
  expect(rows).toEqual([
    { name: 'backup', state: 'up' },
    { name: 'users', state: 'up' },
  ])
})

test('a result that waits on disk at a stop is recorded before the monitor has stopped, if possible', async ({
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
    // The waiting result was tried once, and is tried again after a second.
    if (text.startsWith('The heartbeat could not be written to the monitor database')) complained?.()
  })
  await asked
  await store.query('alter table reprise.rollups rename to elsewhere')
  goOn()
  await complaint
  await store.query('alter table reprise.elsewhere rename to rollups')
  await monitor.stop(10_000)
  expect((await store.query('select outcome from reprise.replays')).rows).toEqual([{ outcome: 'passed' }])
})

test('a result that can be written nowhere at a stop is reported as lost', async ({
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
  const complaints: string[] = []
  const asked = request()
  const monitor = await startHere(nested, emptyDatabase.url, text => complaints.push(text))
  await asked
  await store.query('alter table reprise.rollups rename to elsewhere')
  await mkdir(path.join(nested.folder, '.reprise/monitor'), { recursive: true })
  // No file can be created in it.
  await writeFile(path.join(nested.folder, '.reprise/monitor/results'), '')
  goOn()
  await monitor.stop(10_000)
  expect(complaints.at(-1)).toMatch(
    /^Results lost, because neither the database nor the disk accepts them: users, due at 20\d\d-\d\d-\d\d \S+ UTC\.$/,
  )
})

test('a stop interrupts the removal of what a service that hangs still has, by a run and by a sweep', async ({
  serve,
  project,
  store,
  emptyDatabase,
}) => {
  let asked = () => undefined as unknown
  const nextAsked = () =>
    new Promise<void>(resolve => {
      asked = () => resolve()
    })
  const base = await serve(({ method = '', url }, response) => {
    if (method === 'POST') response.writeHead(201, { location: '/orders/1' }).end()
    else if (url === '/orders/1') asked()
  })
  const nested = await project(base, {
    environment: { writes: 'cleaned' },
    checks: { orders: { specs: 'a.spec.ts', cron: monthsAway() } },
    files: {
      'a.spec.ts': `test('orders', async ({ request }) => {
        await request.post('/orders', { data: {} })
        await request.get('/orders/1')
      })`,
    },
  })
  const complaints: string[] = []
  const inSpec = nextAsked()
  const monitor = await startHere(nested, emptyDatabase.url, text => complaints.push(text))
  await requestReplay(store, 'orders', new Date())
  await inSpec
  await monitor.stop(100)
  const left = () => store.query('select reason from reprise.intents')
  const interrupted = [{ reason: 'its removal was interrupted; `reprise sweep` goes on' }]
  expect((await left()).rows).toEqual(interrupted)

  const inSweep = nextAsked()
  const next = await startHere(nested, emptyDatabase.url, text => complaints.push(text))
  await inSweep
  await next.stop(0)
  expect((await left()).rows).toEqual(interrupted)
  expect(complaints).toEqual([])
})
