import { expect } from '@playwright/test'
import { secret } from '../../environment/secrets/secret.ts'
import { configurationOf } from '../config/configuration.ts'
import { fillReplays, fillSlots, recordDetailed } from '../testing/check-history.ts'
import { test } from '../testing/status-page-fixture.ts'
import { monitor } from '../testing/store-fixture.ts'

const get = async (url: string) => {
  const response = await fetch(url)
  return { status: response.status, text: await response.text() }
}

test('has a check with its history: durations, replays, the first failure and the transitions', async ({
  pool,
  served,
}) => {
  await monitor(pool, { name: 'orders' })
  await fillReplays(pool, 'orders', { hours: 48, everyMinutes: 10 })
  for (const [index, outcome] of (['passed', 'flaky', 'failed', 'failed', 'failed'] as const).entries()) {
    await recordDetailed(pool, 'orders', 900 - 60 * index, outcome)
  }
  const { status, text } = await get(`${served.url}/checks/orders`)
  expect(status).toBe(200)
  expect(text).toContain('<title>orders: Down</title>')
  expect(text).toMatch(/aria-label="Duration of replays in the last 24 hours. In the whole range: p50 \d+ ms, p95/)
  expect(text).toMatch(/<h3>Last success<\/h3><p class="outcome warning">flaky</)
  expect(text).toMatch(/<h3>First failure<\/h3><p class="outcome bad">failed</)
  expect(text).toContain('3 specs, 4 attempts, 2 failed')
  expect(text).toContain('Up → <strong>Down</strong>')
  expect(text).toContain('1 spec was flaky.')
  expect(served.errors).toEqual([])
})

test('a name that no active check has is not found', async ({ pool, served }) => {
  await monitor(pool, { name: 'orders' }, { name: 'removed' })
  await monitor(pool, { name: 'orders' })
  for (const path of ['nothing', 'removed', '%00', 'orders%2F', '%F0%9F', 'orders%0d%0aX-Injected:%201', '..%2f..']) {
    const response = await fetch(`${served.url}/checks/${path}`)
    expect([path, response.status === 400 ? 404 : response.status]).toEqual([path, 404])
    expect(response.headers.get('x-injected')).toBeNull()
  }
  expect((await get(`${served.url}/checks/orders?range=1e9&before=now&before=%00`)).status).toBe(200)
  expect(served.errors).toEqual([])
})

test('only operators see why a replay failed: titles, messages, addresses and reasons', async ({ pool, served }) => {
  await monitor(pool, { name: 'orders' })
  for (const [index, outcome] of (['passed', 'flaky', 'failed', 'failed'] as const).entries()) {
    await recordDetailed(pool, 'orders', 400 - 60 * index, outcome)
  }
  const evidence = [
    'an order is created',
    'orders.spec.ts',
    'Expected: 201',
    'https://api.example.com/orders',
    'a user is added: expected 201',
    '/reports/',
  ]
  for (const query of ['', '?range=7d', '?before=2100-01-01T00:00:00.000000Z_cron_home']) {
    const { text } = await get(`${served.url}/checks/orders${query}`)
    for (const one of evidence) expect(text).not.toContain(one)
  }
  const { text } = await get(`${served.operatorUrl}/checks/orders`)
  for (const one of evidence) expect(text).toContain(one)
  // The request that was answered otherwise than before, and the one that was not sent any more.
  expect(text).toMatch(
    /POST https:\/\/api.example.com\/orders<\/code><\/th>\s*<td>201 in 68 ms<\/td>\s*<td><strong>500 in 1.2 s/,
  )
  expect(text).toMatch(
    /GET https:\/\/api.example.com\/orders\/81<\/code><\/th>\s*<td>200 in 23 ms<\/td>\s*<td><strong>not sent/,
  )
})

test('the phases of requests are means over those of the last attempts', async ({ pool, served }) => {
  await monitor(pool, { name: 'orders' })
  await recordDetailed(pool, 'orders', 120, 'passed')
  await recordDetailed(pool, 'orders', 60, 'flaky')
  const { text } = await get(`${served.url}/checks/orders`)
  const rows = [...text.matchAll(/<th scope="row">([^<]+)<\/th><td class="number">([^<]+)<\/td>/g)]
  expect(rows.map(([, phase, mean]) => [phase, mean])).toEqual([
    ['DNS', '1 ms'],
    ['Connect', '5 ms'],
    ['TLS', '7 ms'],
    ['Wait for the first byte', '32 ms'],
    ['Download', '1 ms'],
  ])
  expect(text).toContain('Mean of 12 requests of the last 24 hours.')
})

test('pages of replays have each replay once, also where several have the same due time', async ({ pool, served }) => {
  await monitor(pool, { name: 'orders' })
  await fillReplays(pool, 'orders', { hours: 12, everyMinutes: 10 })
  await pool.query(
    `insert into reprise.replays (check_name, due, location, kind, id, run, outcome)
     select check_name, due, 'away', kind, gen_random_uuid(), gen_random_uuid(), 'passed' from reprise.replays`,
  )
  const { rows } = await pool.query<{ count: number }>('select count(*)::int as count from reprise.replays')
  const seen: string[] = []
  let query: string | undefined = ''
  while (query !== undefined) {
    const { text } = await get(`${served.url}/checks/orders${query}`)
    const [, table = ''] = /<table class="replays"[\s\S]*?<tbody[^>]*>([\s\S]*?)<\/tbody>/.exec(text) ?? []
    seen.push(
      ...[...table.matchAll(/<time datetime="([^"]+)"[\s\S]*?<td role="cell">(home|away)</g)].map(
        ([, at, location]) => `${at} ${location}`,
      ),
    )
    query = /href="(\?before=[^"#]+)#replays" rel="next"/.exec(text)?.[1]
  }
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen).toHaveLength(rows[0]?.count ?? 0)
  expect(seen).toEqual([...seen].sort().reverse())
})

const nasty = `</script><script>alert(1)</script><img src=x onerror=alert(1)>"'&\u202e`

test('texts of specs, services and configurations are escaped', async ({ pool, served }) => {
  const name = `a"><script>alert(1)</script>`
  await monitor(pool, { name, environment: nasty })
  const request = { method: nasty, url: nasty, status: 500, error: nasty, totalMs: 3 }
  const attempt = { outcome: nasty, durationMs: 3, error: { message: nasty }, requests: [request] }
  const detail = (outcome: string) => ({
    specs: [{ title: nasty, file: nasty, line: 3, outcome, reason: nasty, attempts: [attempt, attempt] }],
  })
  for (const [index, outcome] of (['passed', 'flaky', 'failed', 'failed'] as const).entries()) {
    await recordDetailed(pool, name, 400 - 60 * index, outcome, { reason: nasty, detail: detail(outcome) })
  }
  const configuration = configurationOf('/service/monitor.config.ts', {
    environments: { production: { baseURL: 'https://api.example.com', headers: { [nasty]: nasty } } },
    checks: { [name]: { cron: nasty, tag: nasty, specs: nasty, title: nasty } },
  })
  served.inForce = { ...served.inForce, configuration, environment: () => configuration.environments.production }
  for (const path of ['', '/advice']) {
    const { status, text } = await get(`${served.operatorUrl}/checks/${encodeURIComponent(name)}${path}`)
    expect(status).toBe(200)
    expect(
      text.replace(/<script (type="module" src="[^"]+"><\/script>|type="application\/json">\{[^<]*<\/script>)/g, ''),
    ).not.toContain('<script')
    expect(text).not.toContain('<img')
    expect(text).not.toContain('\u202e')
  }
  expect(served.errors).toEqual([])
})

test('details of another shape are shown as far as they can be read', async ({ pool, served }) => {
  await monitor(pool, { name: 'orders' })
  const details = [
    null,
    7,
    'text',
    [],
    { specs: 3 },
    { specs: [null, 3, { title: 7, attempts: 'none' }] },
    {
      specs: [
        {
          title: 'odd',
          outcome: 'flaky',
          attempts: [3, { durationMs: 'long', error: 'x', requests: [{ totalMs: -1 }] }],
        },
      ],
    },
  ]
  for (const [index, detail] of details.entries()) {
    await recordDetailed(pool, 'orders', 900 - 60 * index, index < 2 ? 'passed' : 'failed', { detail })
  }
  const { status, text } = await get(`${served.operatorUrl}/checks/orders`)
  expect(status).toBe(200)
  expect(text).toContain('odd')
  expect(served.errors).toEqual([])
})

test('the configuration in force has no values of secrets, and only its schedule and policy are public', async ({
  pool,
  served,
}) => {
  await monitor(pool, { name: 'orders' })
  const configuration = configurationOf('/service/monitor.config.ts', {
    environments: {
      production: {
        baseURL: 'https://ann:canary-1@api.example.com/v1?key=canary-2',
        headers: { authorization: `Bearer ${secret('SMOKE_TOKEN')}`, 'x-key': 'canary-3' },
        onlineProbe: `https://example.net/${secret('PROBE')}?token=canary-4`,
      },
    },
    channels: {},
    checks: {
      orders: { cron: '*/5 * * * *', timezone: 'Europe/Berlin', specs: 'e2e/orders.spec.ts', slowAbove: '800ms' },
    },
  })
  served.inForce = { ...served.inForce, configuration, environment: () => configuration.environments.production }
  const shown = (text: string) => {
    const [, section = ''] = /<section aria-labelledby="configuration">([\s\S]*?)<\/section>/.exec(text) ?? []
    return Object.fromEntries(
      [...section.matchAll(/<dt>([^<]+)<\/dt><dd>(.*?)<\/dd>/g)].map(([, term, value]) => [term, value]),
    )
  }
  expect(shown((await get(`${served.url}/checks/orders`)).text)).toEqual({
    Schedule: '<code>*/5 * * * *</code>',
    'Time zone': 'Europe/Berlin',
    Locations: 'local',
    'Down after': '2 failures in a row',
    'Up after': '1 pass',
    'To confirm, replayed again after': '20.0 s',
  })
  const { text } = await get(`${served.operatorUrl}/checks/orders`)
  expect(text).not.toContain('canary')
  expect(shown(text)).toMatchObject({
    Specs: 'e2e/orders.spec.ts',
    'Slow above': '800 ms',
    'Base URL': '<code>https://api.example.com/v1</code>',
    Headers: '<code>authorization: secret(&#39;SMOKE_TOKEN&#39;); x-key: not shown</code>',
    'Online probe': 'https://example.net/secret(&#39;PROBE&#39;)',
  })
})

test('operators are advised on the rules of a check, others are not', async ({ pool, served }) => {
  await monitor(pool, { name: 'orders' })
  const outages = [1000, 2000, 3000].map(at => ({ at, failures: 2 }))
  await fillSlots(pool, 'orders', { minutes: 4500, outages })
  expect((await get(`${served.url}/checks/orders/advice`)).status).toBe(404)
  const { status, text } = await get(`${served.operatorUrl}/checks/orders/advice`)
  expect(status).toBe(200)
  expect(text).toContain('4503 slots in 3 d 2 h; by the rules in force 3 alerts: 3 not of a real outage')
  expect(text).toContain('<code>down: 3</code></h2><p>Would have spared 3 of 3 alerts.</p>')
  expect((await get(`${served.operatorUrl}/checks/nothing/advice`)).status).toBe(404)
  // The first outage was in a window that an operator opened.
  await pool.query(
    `insert into reprise.maintenance_windows (begins_at, ends_at, operator)
     values (now() - interval '3520 minutes', now() - interval '3480 minutes', 'Ada')`,
  )
  const { text: quiet } = await get(`${served.operatorUrl}/checks/orders/advice`)
  expect(quiet).toContain('by the rules in force 2 alerts: 2 not of a real outage')
})

test('the advice on a check without a history says so', async ({ pool, served }) => {
  await monitor(pool, { name: 'orders' })
  const text = async () => (await get(`${served.operatorUrl}/checks/orders/advice`)).text
  expect(await text()).toContain('<p>No slot had a result.</p>')
  expect(await text()).toContain('The history is too short for advice')
  await fillSlots(pool, 'orders', { minutes: 1, outages: [] })
  expect(await text()).toContain('<p>1 slot; by the rules in force no alert.</p>')
})

test('visitors see only the checks and the names that are released', async ({ pool, served }) => {
  const places = { environment: 'staging-eu', locations: ['home'] }
  await monitor(pool, { name: 'orders', ...places }, { name: 'ledger', ...places })
  for (const name of ['orders', 'ledger']) {
    for (const seconds of [180, 120, 60]) await recordDetailed(pool, name, seconds, seconds > 120 ? 'passed' : 'failed')
  }
  const { file } = served.inForce.configuration
  const configuration = configurationOf(file, {
    environments: {},
    checks: { orders: { locations: ['home'] }, ledger: {} },
    statusPage: { public: ['orders'] },
  })
  served.inForce = { ...served.inForce, configuration }
  const { status, text } = await get(`${served.url}/checks/orders`)
  expect(status).toBe(200)
  expect(text).toContain('a location')
  for (const name of ['staging-eu', '>home<', 'ledger']) expect(text).not.toContain(name)
  // The same as for a check that does not exist.
  for (const name of ['ledger', 'nothing']) expect((await get(`${served.url}/checks/${name}`)).status).toBe(403)
  expect((await get(`${served.operatorUrl}/checks/ledger`)).text).toContain('staging-eu')
})
