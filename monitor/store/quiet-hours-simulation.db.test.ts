/** Runs random histories through nights with quiet hours, and compares what was delivered with the incidents. */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { randomNumbers, whole } from '../../testing/random.ts'
import { soak } from '../../testing/soak.ts'
import { deliverAny, replay, rules, test } from '../testing/store-fixture.ts'
import { defaultPolicy } from '../verdict/policy.ts'
import { plainAlertRules } from './alert-rules.ts'
import { setChecks } from './checks.ts'
import type { AlertedCheck, AlertMessage, IncidentMessage } from './messages.ts'

const histories = soak({ long: 200, short: 8 })
const flapping = { ...defaultPolicy.flapping, turns: 100, within: 100 }
const policy = { ...defaultPolicy, confirm: { down: 1, up: 1 }, blindAfter: 1, flapping }
const checks = [
  rules({ name: 'orders', policy, severity: 'warning', channels: ['desk'] }),
  rules({ name: 'night', policy, severity: 'warning', channels: ['desk', 'oncall'] }),
  rules({ name: 'users', policy, channels: ['oncall'], environment: 'shop' }),
  rules({ name: 'cart', policy, channels: ['desk'], dependsOn: ['orders'] }),
]
const channels = ['desk', 'oncall']
const quietHours = [{ from: 0, to: 1440, timezone: 'UTC', match: {} }]

test('every incident of a night is reported in the morning, with its end, and critical ones at once', {
  tag: '@soak',
}, async ({ pool }) => {
  let held = 0
  for (let seed = 1; seed <= histories; seed++) {
    try {
      held += await history(pool, seed)
    } catch (error) {
      throw new Error(`History ${seed}: ${(error as Error).message}`, { cause: error })
    }
  }
  expect(held).toBeGreaterThan(histories)
})

/** Returns how many messages were held. */
async function history(pool: pg.Pool, seed: number): Promise<number> {
  const random = randomNumbers(seed)
  const arrived: { channel: string; message: AlertMessage }[] = []
  let held = 0
  let secondsAgo = 3000
  /** Unlike the deliveries, the test does not depend on when messages are due. */
  const deliver = async () => {
    await pool.query(
      `update reprise.outbox
          set next_attempt = clock_timestamp() + case when not_before > clock_timestamp() then interval '5 minutes' else interval '0' end
        where delivered_at is null`,
    )
    while (
      await deliverAny(pool, async ({ channel, message }) => {
        arrived.push({ channel, message })
      })
    );
  }
  const turn = (isNight: boolean) =>
    setChecks(pool, checks, new Date(Date.now() - 3_600_000), {
      rules: { ...plainAlertRules, quietHours: isNight ? quietHours : [] },
      channels,
    })
  await pool.query(
    'truncate reprise.checks, reprise.seats, reprise.slots, reprise.replays, reprise.incidents, reprise.transitions, reprise.outbox, reprise.open_alerts restart identity cascade',
  )
  for (let step = 0; step < 14; step++) {
    if (step % 5 === 0) await turn(step > 0 || random() < 0.7)
    const { name } = checks[whole(random, checks.length)] ?? { name: '' }
    const outcome = (['passed', 'failed', 'failed', 'error'] as const)[whole(random, 4)] ?? 'passed'
    secondsAgo -= 1 + whole(random, 120)
    await replay(pool, name, secondsAgo, outcome)
    held += await waitingOf(pool)
    if (random() < 0.6) await deliver()
    if (step === 9 && random() < 0.5) await turn(false)
  }
  for (const [index, { name }] of checks.entries()) await replay(pool, name, secondsAgo - index - 1, 'passed')
  await waitingOf(pool)
  await turn(false)
  await deliver()
  await compare(pool, arrived)
  return held
}

/** Requires that at most one message of an incident waits for a channel, and no critical one; returns how many wait. */
async function waitingOf(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ stream: string; waiting: number; critical: number }>(
    `select stream, count(*)::int as waiting,
            count(*) filter (where exists (
              select from jsonb_array_elements(message -> 'checks') shown
               where coalesce(shown ->> 'severity', 'critical') = 'critical'
                 and (shown ->> 'news' is not null or shown ->> 'state' <> 'up')))::int as critical
       from reprise.outbox where delivered_at is null and not_before > clock_timestamp() group by stream, channel`,
  )
  for (const { stream, waiting, critical } of rows) {
    expect(critical, stream).toBe(0)
    if (stream.startsWith('incident')) expect(waiting, stream).toBe(1)
  }
  return rows.length
}

async function compare(pool: pg.Pool, arrived: readonly { channel: string; message: AlertMessage }[]): Promise<void> {
  const { rows } = await pool.query<{ incident: number; check: string; isOpen: boolean }>(
    `select incident, check_name as check, closed_at is null as "isOpen" from reprise.incident_checks order by incident, check_name`,
  )
  expect(rows.filter(({ isOpen }) => isOpen)).toEqual([])
  for (const { incident, check } of rows) {
    for (const channel of checks.find(({ name }) => name === check)?.channels ?? []) {
      const messages = arrived.flatMap(({ channel: to, message }) =>
        to === channel && 'incident' in message && message.incident === incident ? [message] : [],
      )
      const of = `incident ${incident} to ${channel}: ${messages.map(textOf).join('; ')}`
      expect(messages.at(-1)?.kind, of).toBe('up')
      expect(['down', 'up'], of).toContain(messages[0]?.kind)
      const news = messages.flatMap(({ checks }) =>
        checks.flatMap(each => (each.name === check ? (each.news ?? []) : [])),
      )
      expect(news.at(-1), `${check} in ${of}`).toBe('recovered')
    }
  }
}

const textOf = ({ kind, checks }: IncidentMessage) =>
  `${kind} ${checks.map(({ name, state, news }: AlertedCheck) => `${name} ${news ?? state}`).join(', ')}`
