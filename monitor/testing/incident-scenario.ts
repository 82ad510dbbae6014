/** Steps of tests about incidents: replays with versions and evidence, and a past as a real service has one. */
import type pg from 'pg'
import { noMaintenance } from '../store/check-rules.ts'
import { setChecks } from '../store/checks.ts'
import { DeliveryFailure } from '../store/delivery-failure.ts'
import type { ReplayResult } from '../store/replay-result.ts'
import { recordResult } from '../store/replays.ts'
import { planSlots } from '../store/slots.ts'
import type { Outcome } from '../verdict/finding.ts'
import { ago, deliverAny, enterHome, monitor, outcomeOf, rules, startDue } from './store-fixture.ts'

export interface FoundInReplay {
  version?: string
  reason?: string
  detail?: unknown
}

/** Records a replay in a slot with a due time that many seconds ago; while a failure is confirmed, in the slot for that. */
export async function replayWith(
  pool: pg.Pool,
  check: string,
  secondsAgo: number,
  outcome: Outcome,
  found: FoundInReplay = {},
): Promise<void> {
  const instance = await enterHome(pool)
  // Only this slot is to be claimed.
  await pool.query(`delete from reprise.slots where state = 'due'`)
  await planSlots(pool, [{ check, due: ago(secondsAgo), location: 'home' }])
  for (const started of await startDue(pool, instance)) {
    const result: ReplayResult = { ...outcomeOf(started, outcome), endedAt: new Date(), ...found }
    await recordResult(pool, result, noMaintenance)
  }
}

/** The detail of a replay with one failed spec. */
export function failedDetail({
  title = 'an order is taken',
  message = orderFailed,
  run = '20300301T030000Z-k3x',
} = {}) {
  return {
    run,
    report: `.reprise/runs/${run}/index.html`,
    specs: [
      { title: 'the shop answers', file: 'shop/shop.spec.ts', line: 4, outcome: 'passed', attempts: [] },
      {
        title,
        ...{ file: 'shop/orders.spec.ts', line: 7, outcome: 'failed' },
        attempts: [1, 2].map(() => ({
          ...{ outcome: 'failed', durationMs: 212 },
          error: { message, file: 'shop/orders.spec.ts', line: 12 },
          requests: [
            { method: 'POST', url: 'https://api.example.com/session', status: 200, totalMs: 41 },
            { method: 'GET', url: 'https://api.example.com/products?tag=tea', status: 200, totalMs: 58 },
            { method: 'POST', url: 'https://api.example.com/orders', status: 500, totalMs: 113 },
          ],
        })),
      },
    ],
    notReplayable: [],
    ledger: { removed: 2, unverified: 0, unresolved: 0, suspected: 0 },
  }
}

const orderFailed = `expect(received).toHaveStatus(expected)

Expected: 201
Received: 500 Internal Server Error

{"type":"about:blank","title":"column \\"discount\\" of relation \\"orders\\" does not exist"}`

/**
 * Three incidents. 1 is over: `search` failed and recovered, on one version. 2 is over: `flappy` went up and down, and `legacy`
 * was removed from the configuration. 3 is open: `orders` failed with a new version, and `checkout`, which depends on it, joined;
 * `oncall` is alerted, `desk` refuses.
 */
export async function realPast(pool: pg.Pool): Promise<void> {
  const [now, before] = ['2.37.0', '2.36.1']
  const checks = [
    { name: 'search', channels: ['oncall'] },
    { name: 'flappy', environment: 'staging', channels: ['team'] },
    { name: 'legacy', environment: 'staging', channels: ['old pager'] },
    { name: 'orders', channels: ['oncall', 'desk'] },
    { name: 'checkout', dependsOn: ['orders'], channels: ['oncall', 'desk'] },
  ]
  await monitor(pool, ...checks)
  const failed = {
    version: now,
    detail: failedDetail(),
    reason: 'an order is taken: expect(received).toHaveStatus(expected)',
  }
  await replayWith(pool, 'search', 90_000, 'passed', { version: before })
  await replayWith(pool, 'search', 89_700, 'failed', { version: before })
  await replayWith(pool, 'search', 89_680, 'failed', { version: before })
  await deliver(pool)
  await replayWith(pool, 'search', 88_900, 'passed', { version: before })
  await deliver(pool)
  for (const [at, outcome] of flaps) await replayWith(pool, 'flappy', at, outcome)
  await replayWith(pool, 'legacy', 52_910, 'failed')
  await replayWith(pool, 'legacy', 52_890, 'failed')
  await setChecks(pool, checks.filter(({ name }) => name !== 'legacy').map(rules), ago(52_700))
  for (let at = 52_600; at > 52_000; at -= 50) await replayWith(pool, 'flappy', at, 'passed')
  await deliver(pool)
  for (const check of ['orders', 'checkout']) await replayWith(pool, check, 2400, 'passed', { version: before })
  for (const at of [2100, 2080]) await replayWith(pool, 'orders', at, 'failed', failed)
  await deliver(pool)
  for (const at of [1500, 1480])
    await replayWith(pool, 'checkout', at, 'failed', { ...failed, version: `${before}, ${now}` })
  await replayWith(pool, 'orders', 1200, 'failed', failed)
  await deliver(pool)
}

const flaps: readonly [number, Outcome][] = [0, 1, 2, 3].flatMap(turn => {
  return ([200, 180, 100] as const).map((after, n): [number, Outcome] => [
    53_600 - 200 * turn + after - 200,
    n < 2 ? 'failed' : 'passed',
  ])
})

/** Tries to deliver every message once: `desk` refuses. */
async function deliver(pool: pg.Pool): Promise<void> {
  const send = async ({ channel }: { channel: string }) => {
    if (channel === 'desk') throw new DeliveryFailure('Channel desk answered 503: hush-hush', 'answered 503')
  }
  while (await deliverAny(pool, send)) {
    // Until none is due.
  }
  // As if that had been when the replays were due.
  await pool.query(
    `update reprise.outbox
        set created_at = at + interval '3 s', delivered_at = delivered_at - created_at + at + interval '4 s'
       from (select id as message_id, (message ->> 'at')::timestamptz as at from reprise.outbox) caused
      where message_id = id and created_at > clock_timestamp() - interval '1 minute'`,
  )
}
