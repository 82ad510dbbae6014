/** What a person on call gets of a week, by a configuration as people write it, with a virtual clock. */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { configurationOf } from '../config/configuration.ts'
import type { MonitorConfig } from '../config/monitor-config.ts'
import { acknowledge, unacknowledge } from '../store/acknowledgements.ts'
import { openPreparedPool } from '../testing/prepared-pool.ts'
import { calm, startSimulated, type World } from '../testing/simulated-monitor.ts'
import { test as clockTest } from '../testing/turned-clock-fixture.ts'
import { compileConfiguration } from './compiled-configuration.ts'

const test = clockTest.extend({
  // With `pool`, the store is migrated.
  pool: async ({ pool: _, emptyDatabase }, use) => {
    const pool = openPreparedPool(emptyDatabase.url)
    await use(pool)
    await pool.end()
  },
})

const tickMs = 600_000
const cron = '*/10 * * * *'
const hook = (name: string) => ({ kind: 'slack' as const, url: `https://chat.example.com/${name}` })

interface Turn {
  /** From when on it holds, such as `2030-03-30T23:10:00Z`. */
  at: string
  world?: Partial<World>
  act?: (pool: pg.Pool) => Promise<unknown>
}

/** Runs the monitor through the turns, and returns what was delivered: `TIME channel kind: check news, check state`. */
async function told(
  { pool, clock }: { pool: pg.Pool; clock: { stop(at: Date): Promise<void> } },
  config: MonitorConfig,
  from: string,
  until: string,
  turns: readonly Turn[],
): Promise<string[]> {
  const compiled = compileConfiguration(configurationOf('/service/monitor.config.ts', config), {})
  const { alertRules, channels, digest } = compiled.configuration
  const start = Date.parse(from)
  const monitor = await startSimulated({
    ...{ pool, clock, start, cron, checks: compiled.rules, random: () => 0.99, disturbances: false },
    alerts: { rules: alertRules, channels: Object.keys(channels) },
    isInMaintenance: compiled.isInMaintenance,
    ...(digest && { digest: () => digest }),
  })
  const lines: string[] = []
  let world: World = calm
  const waiting = [...turns]
  for (let now = start; now <= Date.parse(until); now += tickMs) {
    while (waiting[0] && Date.parse(waiting[0].at) <= now) {
      const turn = waiting.shift()
      world = { ...calm, ...turn?.world }
      await turn?.act?.(pool)
    }
    const before = monitor.received.length
    await monitor.tick(now, world)
    for (const { channel, message } of monitor.received.slice(before)) {
      const time = new Date(now).toISOString().slice(8, 16).replace('T', ' ')
      const about =
        'checks' in message
          ? message.checks.map(({ name, news, state }) => `${name} ${news ?? state}`).join(', ')
          : 'subjects' in message
            ? `${message.phase} ${message.subjects.map(({ name }) => name).join(', ')}`
            : ''
      lines.push(`${time} ${channel} ${message.kind}${about && `: ${about}`}`)
    }
  }
  monitor.close()
  compiled.close()
  expect(await monitor.isDelivered()).toBe(true)
  // Those of one time in any order.
  return lines.sort()
}

const config: MonitorConfig = {
  environments: { production: { baseURL: 'https://api.example.com' } },
  defaults: { timezone: 'Europe/Berlin', channels: ['desk'], locations: ['home'], confirm: { down: 1 } },
  checks: {
    orders: { specs: 'orders.spec.ts', cron },
    report: { specs: 'report.spec.ts', cron, severity: 'warning' },
  },
  channels: { desk: hook('desk'), boss: hook('boss') },
  quietHours: [{ from: '22:00', to: '07:00' }],
  reminders: { after: ['30m', '2h'] },
  escalation: [{ after: '40m', channels: ['boss'], match: { severity: 'critical' } }],
  digest: { cron: '0 8 * * *', channels: ['desk'] },
}

test('a night in which summer time begins: what is not critical waits until seven there, the rest does not', async ({
  pool,
  clock,
}) => {
  // At 01:00 UTC on the 31st, 02:00 becomes 03:00 in Berlin; 07:00 is 05:00 UTC then.
  const lines = await told({ pool, clock }, config, '2030-03-30T20:50:00Z', '2030-03-31T07:20:00Z', [
    { at: '2030-03-30T21:10:00Z', world: { broken: new Set(['report']) } },
    { at: '2030-03-30T22:00:00Z', world: { broken: new Set(['report', 'orders']) } },
    { at: '2030-03-30T22:20:00Z', world: { broken: new Set(['report']) } },
  ])
  expect(lines).toEqual([
    // That of the morning before, as at each first start.
    '30 20:50 desk digest',
    '30 22:00 desk down: orders fell',
    '30 22:20 desk up: orders recovered',
    '31 05:00 desk down: report fell',
    '31 05:30 desk reminder: report down',
    '31 06:00 desk digest',
    '31 07:00 desk reminder: report down',
  ])
})

test('a night in which summer time ends, with an acknowledgement that is taken back before the boss would know', async ({
  pool,
  clock,
}) => {
  const broken = { broken: new Set(['orders']) }
  const by = { operator: 'Ada' }
  // At 01:00 UTC on the 27th, 03:00 becomes 02:00 in Berlin; 07:00 is 06:00 UTC then.
  const lines = await told({ pool, clock }, config, '2030-10-26T22:50:00Z', '2030-10-27T07:10:00Z', [
    { at: '2030-10-26T23:00:00Z', world: broken },
    { at: '2030-10-26T23:20:00Z', world: broken, act: pool => acknowledge(pool, 1, by) },
    { at: '2030-10-27T00:10:00Z', world: broken, act: pool => unacknowledge(pool, 1, 'Ada') },
    { at: '2030-10-27T01:20:00Z', world: broken, act: pool => acknowledge(pool, 1, by) },
    { at: '2030-10-27T04:00:00Z', world: { broken: new Set(['report']) } },
    { at: '2030-10-27T04:40:00Z', world: {} },
  ])
  expect(lines).toEqual([
    '26 23:00 desk down: orders fell',
    '27 00:10 boss escalation: orders fell',
    '27 00:10 desk reminder: orders down',
    '27 00:40 boss reminder: orders down',
    '27 01:00 desk reminder: orders down',
    '27 04:00 boss up: orders recovered',
    '27 04:00 desk up: orders recovered',
    // That of the morning before has waited; what came and went while the desk slept is one message.
    '27 06:00 desk digest',
    '27 06:00 desk up: report recovered',
    '27 07:00 desk digest',
  ])
})

test('a channel that refuses all night gets everything in its order in the morning, and no reminder twice', async ({
  pool,
  clock,
}) => {
  const away = { broken: new Set(['orders']), refusing: new Set(['desk']) }
  const lines = await told({ pool, clock }, config, '2030-06-01T20:50:00Z', '2030-06-02T06:00:00Z', [
    { at: '2030-06-01T23:00:00Z', world: away },
    { at: '2030-06-02T04:00:00Z', world: { broken: new Set(['orders']) } },
    { at: '2030-06-02T04:50:00Z', world: {} },
  ])
  expect(lines).toEqual([
    '01 23:40 boss escalation: orders fell',
    '02 00:10 boss reminder: orders down',
    '02 01:40 boss reminder: orders down',
    '02 03:40 boss reminder: orders down',
    '02 04:00 desk down: orders fell',
    '02 04:50 boss up: orders recovered',
    '02 04:50 desk up: orders recovered',
    '02 05:00 desk digest',
    '02 06:00 desk digest',
  ])
})
