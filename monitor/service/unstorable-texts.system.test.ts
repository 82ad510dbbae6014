import { expect } from '@playwright/test'
import { answers, service } from '../testing/breaking-service-fixture.ts'
import { monthsAway } from '../testing/months-away.ts'
import { test } from '../testing/service-fixture.ts'

test('text that Postgres cannot store is alerted and stored with U+FFFD in place of those characters', async ({
  serve,
  project,
  startMonitor,
  store,
}) => {
  const odd = 'a\\u0000b\\ud83dc\\\\u0000'
  const nested = await project(await serve(service().listener), {
    defaults: { confirm: { down: 1, up: 1 } },
    checks: {
      message: { specs: 'message.spec.ts' },
      title: { specs: 'title.spec.ts' },
      annotation: { specs: 'annotation.spec.ts' },
      // Its message is cut within a surrogate pair.
      long: { specs: 'long.spec.ts' },
      behind: { specs: 'behind.spec.ts', cron: monthsAway() },
    },
    files: {
      'message.spec.ts': `test('orders', async () => { throw new Error('${odd}') })`,
      'title.spec.ts': `test('${odd}', async ({ request }, info) => {
        await info.attach('${odd}', { body: '${odd}' })
        await request.get('/${odd}')
        throw new Error('of no use')
      })`,
      'annotation.spec.ts': `test('orders', async ({}, info) => {
        info.annotations.push({ type: '${odd}', description: '${odd}' })
        test.skip(true, '${odd}')
      })
      ${answers}`,
      'long.spec.ts': `test('orders', async () => { throw new Error('\\ud83d\\udca5'.repeat(8000) + 'end') })
      test('more', async () => { throw new Error('x' + '\\ud83d\\udca5'.repeat(8000)) })`,
      'behind.spec.ts': answers,
    },
  })
  const monitor = await startMonitor(nested)
  await monitor.says('behind is up')
  const others = `select from reprise.replays where outcome is null and check_name <> 'behind'`
  const open = async () => (await store.query(others)).rowCount
  await expect.poll(open).toBe(0)
  monitor.process.kill('SIGTERM')
  expect(await monitor.result).toMatchObject({ code: 0, stderr: '' })
  const { rows } = await store.query(
    `select distinct on (check_name) check_name as name, outcome, left(reason, 40) as reason, detail -> 'notReplayable' as "notReplayable"
       from reprise.replays where check_name <> 'behind' order by check_name`,
  )
  const shown = 'a\ufffdb\ufffdc\\u0000'
  expect(rows).toEqual([
    {
      name: 'annotation',
      outcome: 'passed',
      reason: null,
      notReplayable: [{ title: 'orders', reason: `is skipped: ${shown}` }],
    },
    { name: 'long', outcome: 'failed', reason: expect.stringContaining('\u{1f4a5}'), notReplayable: [] },
    { name: 'message', outcome: 'failed', reason: `orders: Error: ${shown}`, notReplayable: [] },
    { name: 'title', outcome: 'failed', reason: `${shown}: Error: of no use`, notReplayable: [] },
  ])
})
