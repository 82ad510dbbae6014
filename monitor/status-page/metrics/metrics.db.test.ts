/** `/metrics` over HTTP, checked by promtool. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from '@playwright/test'
import { createOwnMetrics } from '../../metrics/own-metrics.ts'
import { recordCertificate } from '../../store/certificates.ts'
import { noMaintenance } from '../../store/check-rules.ts'
import { recordResult } from '../../store/replays.ts'
import { test as base } from '../../testing/status-page-fixture.ts'
import { monitor, outcomeOf, startTogether } from '../../testing/store-fixture.ts'

const test = base.extend({ ownMetrics: async ({}, use) => use(createOwnMetrics()) })

const docs = path.join(import.meta.dirname, '../../../docs/metrics')
const promtool = (args: string[], input?: string) => spawnSync('promtool', args, { input, encoding: 'utf8' })

test('the states of checks and of the monitor are there for Prometheus; visitors see no channels and addresses', async ({
  pool,
  served,
  ownMetrics,
}, info) => {
  ownMetrics?.started(1500)
  ownMetrics?.replayed({ check: 'orders', environment: 'production', outcome: 'passed', durationMs: 700 })
  ownMetrics?.delivered({ channel: 'desk', kind: 'down', isAccepted: false })
  ownMetrics?.traced('dropped', 3)
  await monitor(pool, { name: 'orders' }, { name: 'users"\\\n' })
  for (const started of await startTogether(pool, ['orders'], 60)) {
    await recordResult(pool, outcomeOf(started, 'passed'), noMaintenance)
  }
  const at = new Date('2126-10-31T04:29:07Z')
  const seen = { expiresAt: at, ownExpiresAt: at, subject: 'api.example.com', issuer: 'R3' }
  await recordCertificate(pool, { environment: 'production', origin: 'https://api.example.com' }, seen)
  await pool.query(
    `insert into reprise.outbox (stream, channel, position, message) values ('digest', 'desk', 1, '{"kind":"digest"}')`,
  )
  // A channel that has failed: with texts of its receiver, a message that was given up, and a pause.
  await pool.query(
    `insert into reprise.outbox (stream, channel, position, message, attempts, last_failure, last_error, dead_at, failing_since)
     select 'digest', 'pager', n, '{"kind":"digest"}', 30, 'answered 500', E'<b>"\\\\500"\\n# EOF\\n', case n when 1 then now() end,
            now() - interval '8 days'
       from generate_series(1, 3) n`,
  )
  await pool.query(`insert into reprise.channel_pauses values ('pager', now(), now() + interval '1 h', 'answered 429')`)
  for (const isAccepted of [false, true]) ownMetrics?.delivered({ channel: 'pager', kind: 'digest', isAccepted })
  const metrics = async (url: string, accept = '*/*') => {
    const response = await fetch(`${url}/metrics`, { headers: { accept } })
    return { type: response.headers.get('content-type'), text: await response.text() }
  }
  const { type, text } = await metrics(served.operatorUrl)
  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8')
  const lines = text.split('\n')
  for (const line of [
    'reprise_check_state{check="orders",environment="production",state="up"} 1',
    'reprise_check_state{check="orders",environment="production",state="down"} 0',
    'reprise_check_state{check="users\\"\\\\\\n",environment="production",state="unknown"} 1',
    'reprise_check_uptime_ratio{check="orders",environment="production",span="24 hours"} 1',
    'reprise_incidents_open{environment="production"} 0',
    'reprise_messages{channel="desk",state="waiting"} 1',
    'reprise_messages{channel="pager",state="failed"} 2',
    'reprise_messages{channel="pager",state="dead"} 1',
    'reprise_deliveries_total{channel="pager",kind="digest",outcome="failed"} 1',
    `reprise_certificate_expiry_seconds{environment="production",origin="https://api.example.com"} ${at.getTime() / 1000}`,
    'reprise_certificate_trusted{environment="production",origin="https://api.example.com"} 1',
    'reprise_check_missed_slots{check="orders",environment="production"} 0',
    'reprise_check_skipped_slots{check="orders",environment="production"} 0',
    'reprise_possible_leaks{environment="production"} 0',
    'reprise_slots{state="due"} 0',
    'reprise_slot_lag_seconds_bucket{le="1"} 0',
    'reprise_slot_lag_seconds_bucket{le="2"} 1',
    'reprise_replay_duration_seconds_sum{check="orders",environment="production"} 0.7',
    'reprise_replays_total{check="orders",environment="production",outcome="passed"} 1',
    'reprise_deliveries_total{channel="desk",kind="down",outcome="failed"} 1',
    'reprise_trace_spans_total{outcome="dropped"} 3',
  ]) {
    expect(lines).toContain(line)
  }
  const open = await metrics(served.operatorUrl, 'application/openmetrics-text; version=1.0.0')
  expect(open.type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
  expect(open.text.endsWith('# EOF\n')).toBe(true)
  expect(open.text).toMatch(/^# TYPE reprise_replays counter$/m)
  expect(open.text).toContain('reprise_replays_total{check="orders",environment="production",outcome="passed"} 1')
  expect((await metrics(served.operatorUrl)).text).toContain('reprise_check_state{')
  const public_ = await metrics(served.url)
  expect(public_.text).toContain('reprise_check_state{check="orders"')
  expect(public_.text).not.toMatch(/desk|pager|api\.example\.com/)

  test.skip(promtool(['--version']).error !== undefined, 'promtool is not installed')
  for (const each of [text, public_.text])
    expect(promtool(['check', 'metrics'], each)).toMatchObject({ status: 0, stderr: '' })
  // Its reader of OpenMetrics takes samples with a time.
  const file = info.outputPath('metrics')
  writeFileSync(
    file,
    open.text.replace(/^(?!#).+$/gm, sample => `${sample} 1700000000`),
  )
  const read = promtool(['tsdb', 'create-blocks-from', 'openmetrics', file, info.outputPath('blocks')])
  expect(read).toMatchObject({ status: 0, stderr: '' })
})

test('the rules of alerts are valid, and dashboard and rules use metrics that exist', async ({ pool, served }) => {
  await monitor(pool, { name: 'orders' })
  const text = await (await fetch(`${served.operatorUrl}/metrics`)).text()
  const own = readFileSync(path.join(import.meta.dirname, '../../metrics/own-metrics.ts'), 'utf8')
  const known = [...`${text}\n${own}`.matchAll(/\breprise_\w+/g)].map(([name]) => name)
  const rules = readFileSync(path.join(docs, 'alert-rules.yaml'), 'utf8')
  const dashboard = readFileSync(path.join(docs, 'dashboard.json'), 'utf8')
  expect(JSON.parse(dashboard)).toMatchObject({ title: 'Reprise' })
  const used = [...`${rules}\n${dashboard}`.matchAll(/\breprise_\w+/g)].map(([name]) => name.replace(/_bucket$/, ''))
  expect(used.length).toBeGreaterThan(10)
  expect(used.filter(name => !known.includes(name))).toEqual([])

  test.skip(promtool(['--version']).error !== undefined, 'promtool is not installed')
  expect(promtool(['check', 'rules', path.join(docs, 'alert-rules.yaml')])).toMatchObject({ status: 0 })
})
