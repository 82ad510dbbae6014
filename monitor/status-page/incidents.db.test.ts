import { once } from 'node:events'
import { request } from 'node:http'
import { expect } from '@playwright/test'
import { acknowledge, writeNote } from '../store/acknowledgements.ts'
import { mute } from '../store/mutes.ts'
import { failedDetail, realPast, replayWith } from '../testing/incident-scenario.ts'
import { test } from '../testing/status-page-fixture.ts'
import { monitor } from '../testing/store-fixture.ts'

const get = async (url: string, headers: Record<string, string> = {}) => {
  const response = await fetch(url, { headers })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** `fetch` adds `Cache-Control: no-cache` to a conditional request. */
const statusOf = async (url: string, headers: Record<string, string>) => {
  const [response] = await once(request(url, { headers }).end(), 'response')
  response.resume()
  return response.statusCode
}

/** The text of a page's main part, without markup. */
const wordsOf = (html: string) =>
  (/<main[^>]*>([\s\S]*)<\/main>/.exec(html)?.[1] ?? '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'TIME')
    .replace(/\s+/g, ' ')
    .replace(/after [\d.]+ m?s/g, 'after SPAN')
    .replace(/ ([.,:;])/g, '$1')

test('an open incident shows what broke, since when, what changed and who knows, and nothing that is not public', async ({
  pool,
  served,
}) => {
  await realPast(pool)
  const { text } = await get(`${served.url}/incidents/5`)
  const words = wordsOf(text)
  expect(words).toContain('Incident 5 in production, open orders and checkout are down.')
  expect(words).toMatch(
    /Since TIME, for 3\d min; 5 failed replays Version First red on 2\.37\.0, last green on 2\.36\.1\./,
  )
  expect(words).toContain('Who knows Alerted: oncall; desk: not delivered after 1 attempt, last: answered 503')
  expect(words.slice(words.indexOf('Timeline'))).toContain(
    [
      'TIME orders failed for the first time, on 2.37.0.',
      'TIME orders failed again: the failure is confirmed, on 2.37.0.',
      'TIME orders is down: the incident is opened.',
      'TIME Alert to desk: not delivered after 1 attempt, last: answered 503.',
      'TIME Alert to oncall: delivered after SPAN.',
      'TIME checkout failed for the first time, on 2.36.1, 2.37.0.',
      'TIME checkout failed again: the failure is confirmed, on 2.36.1, 2.37.0.',
      'TIME checkout is down as well, and joins the incident.',
    ].join(' '),
  )
  for (const hidden of [
    'an order is taken',
    'api.example.com',
    'shop/',
    'discount',
    'hush-hush',
    '/reports/',
    'toHaveStatus',
  ]) {
    expect(text).not.toContain(hidden)
  }
  expect(served.errors).toEqual([])
})

test('an incident that is over shows recoveries, flapping, removed checks and messages that were never sent', async ({
  pool,
  served,
}) => {
  await realPast(pool)
  const over = wordsOf((await get(`${served.url}/incidents/1`)).text)
  expect(over).toMatch(
    /Incident 1 in production, closed search was down for 13 min\. From TIME to TIME; 2 failed replays/,
  )
  expect(over).toContain('Same version 2.36.1 before and after.')
  expect(over).toMatch(/The incident is closed, after 13 min\. TIME Recovery to oncall: delivered after SPAN\./)
  const flaps = wordsOf((await get(`${served.url}/incidents/4`)).text)
  expect(flaps).toContain('The version of the service is unknown.')
  expect(flaps).toContain('flappy is flapping: its state changes again and again.')
  expect(flaps).toContain('legacy is not monitored any more, and leaves the incident.')
  expect(flaps).toMatch(/legacy not monitored any more First failure TIME/)
})

test('operators see the evidence of each failed replay, page by page, and why a message was not delivered', async ({
  pool,
  served,
}) => {
  await realPast(pool)
  for (let n = 0; n < 20; n++) {
    const detail = failedDetail({ title: `spec ${n}`, run: `20300301T0300${n + 10}Z-x` })
    await replayWith(pool, 'orders', 1000 - 10 * n, 'failed', { detail, version: '2.37.0' })
  }
  const page = async (path: string) => {
    const { text } = await get(`${served.operatorUrl}${path}`)
    const next = /href="([^"]+)#evidence">Earlier failures/.exec(text)?.[1]?.replaceAll('&quot;', '"')
    return { text, next, reports: [...text.matchAll(/href="\/reports\/([^"]+)"/g)].map(([, run]) => run) }
  }
  const pages = [await page('/incidents/5')]
  for (let next = pages[0]?.next; next; next = pages.at(-1)?.next) pages.push(await page(next))
  const runs = Array.from({ length: 20 }, (_, n) => `20300301T0300${29 - n}Z-x`)
  expect(pages.flatMap(({ reports }) => reports)).toEqual([...runs, ...Array(5).fill('20300301T030000Z-k3x')])
  const words = wordsOf(pages[0]?.text ?? '')
  expect(words).toMatch(
    /Last failure: orders, 1\d min ago spec 19 shop\/orders\.spec\.ts:12, 2 attempts expect\(received\)/,
  )
  expect(words).toContain('25 failed replays')
  expect(words).toContain('Received: 500 Internal Server Error')
  expect(words).toContain('500 POST https://api.example.com/orders 113 ms')
  expect(words).toContain('answered 503. Channel desk answered 503: hush-hush')
  const foreign = encodeURIComponent('["2030-03-01T03:00:00Z","a\\u0000","home","cron"]')
  expect((await get(`${served.operatorUrl}/incidents/5?before=${foreign}`)).status).toBe(200)
  expect(served.errors).toEqual([])
})

test('acknowledgements and notes are in the timeline, with names for operators only', async ({ pool, served }) => {
  await realPast(pool)
  await acknowledge(pool, 5, { operator: 'Ada', note: 'rolling back' })
  await writeNote(pool, 5, 'Eve', 'rolled back <b>')
  const seen = wordsOf((await get(`${served.operatorUrl}/incidents/5`)).text)
  expect(seen).toContain('Who knows Acknowledged by Ada, TIME. Alerted: oncall;')
  expect(seen).toContain('TIME Ada has acknowledged it. rolling back TIME Eve notes: rolled back &lt;b&gt;')
  const { text } = await get(`${served.url}/incidents/5`)
  expect(wordsOf(text)).toContain('Who knows Acknowledged, TIME. Alerted: oncall;')
  expect(wordsOf(text)).toContain('TIME An operator has acknowledged it.')
  expect(text).not.toMatch(/Ada|Eve|rolling|rolled|<form/)
  // The overview tells it as well.
  expect(wordsOf((await get(served.operatorUrl)).text)).toContain('Acknowledged by Ada, TIME.')
  const overview = (await get(served.url)).text
  expect(wordsOf(overview)).toContain('Acknowledged, TIME.')
  expect(overview).not.toContain('Ada')
})

test('operators see the mutes of channels and checks that an incident concerns, visitors do not', async ({
  pool,
  served,
}) => {
  await realPast(pool)
  const hour = { forMs: 3_600_000 }
  await mute(pool, { kind: 'channel', name: 'desk' }, hour, 'Ada')
  await mute(pool, { kind: 'check', name: 'orders' }, hour, 'Eve')
  const seen = wordsOf((await get(`${served.operatorUrl}/incidents/5`)).text)
  expect(seen).toContain('; desk is muted until TIME by Ada')
  expect(seen).toMatch(/orders down First failure .*? Alerts muted until TIME by Eve checkout/)
  expect(seen).not.toContain('oncall is muted')
  expect((await get(`${served.url}/incidents/5`)).text).not.toMatch(/muted|Ada|Eve/)
  // It has ended, so that the mute of a channel that knows of it keeps nothing back.
  await mute(pool, { kind: 'channel', name: 'oncall' }, hour, 'Ada')
  expect((await get(`${served.operatorUrl}/incidents/1`)).text).not.toMatch(/muted until/)
})

test('visitors see incidents as if they consisted of the released checks', async ({ pool, served }) => {
  await realPast(pool)
  const { configuration } = served.inForce
  const release = (...names: string[]) => {
    const statusPage = { public: names, shows: [] }
    served.inForce = { ...served.inForce, configuration: { ...configuration, statusPage } }
  }
  const texts = () =>
    Promise.all(['/incidents', '/incidents.atom'].map(async path => (await get(served.url + path)).text))
  release('checkout', 'flappy')
  const { text } = await get(`${served.url}/incidents/5`)
  expect(wordsOf(text)).toContain(
    'Incident 5 in the service, open checkout is down. Since TIME, for 24 min; 2 failed replays',
  )
  expect(wordsOf(text)).not.toContain('Who knows')
  for (const seen of [text, ...(await texts())]) {
    expect(seen).toContain('checkout')
    for (const hidden of ['orders', 'search', 'legacy', 'production', 'staging', 'oncall', 'desk', 'home']) {
      expect(seen).not.toContain(hidden)
    }
  }
  expect((await get(`${served.url}/incidents/1`)).status).toBe(404)
  // What is hidden is no filter, and shows nothing by its order.
  expect((await get(`${served.url}/incidents?check=orders`)).text).not.toContain('href="/incidents/5"')
  expect((await get(`${served.url}/incidents?environment=staging`)).text).toContain('href="/incidents/5"')
  release()
  for (const seen of await texts()) expect(seen).not.toMatch(/checkout|incidents\/\d/)
  expect((await get(`${served.operatorUrl}/incidents/5`)).text).toContain('orders')
})

test('the feed is valid Atom with stable ids, and a reader that has it gets no body again', async ({
  pool,
  served,
}) => {
  const url = `${served.url}/incidents.atom`
  const empty = await get(url)
  expect(empty.text).toMatch(/<updated>\d{4}-\d\d-\d\dT[\d:.]+Z<\/updated>/)
  await realPast(pool)
  const first = await get(url)
  expect(first.headers.get('content-type')).toBe('application/atom+xml; charset=utf-8')
  expect((await get(url, { accept: 'text/html,application/xml;q=0.9,*/*;q=0.8' })).headers.get('content-type')).toBe(
    'application/xml; charset=utf-8',
  )
  const ids = (text: string) => [...text.matchAll(/<id>([^<]+)<\/id>/g)].map(([, id]) => id)
  expect(ids(first.text)).toHaveLength(6)
  expect(new Set(ids(first.text)).size).toBe(6)
  for (const id of ids(first.text)) expect(id).toMatch(/^tag:reprise\.invalid,\d{4}-\d\d-\d\d:\d+\/incidents(\/\d)?$/)
  expect(first.text).toContain('<title>Down in production: orders, checkout</title>')
  expect(first.text).toContain('First red on 2.37.0, last green on 2.36.1.')
  expect(first.text).toContain('href="/incidents/5"')
  expect(first.text).not.toContain('api.example.com')

  const tag = first.headers.get('etag') ?? ''
  expect(await statusOf(url, { 'if-none-match': tag })).toBe(304)
  // Due times are older than the changes that they cause.
  expect(await statusOf(url, { 'if-modified-since': new Date().toUTCString() })).toBe(200)
  for (const check of ['orders', 'checkout']) await replayWith(pool, check, 60, 'passed')
  const changed = await get(url, { 'if-none-match': tag })
  expect(changed.status).toBe(200)
  expect(changed.text).toContain('<title>Over in production: orders, checkout</title>')
  expect(ids(changed.text)).toEqual(ids(first.text))
})

test('the history is read page by page, and filtered by check and environment', async ({ pool, served }) => {
  await monitor(pool, { name: 'users' }, { name: 'a&b "c"', environment: 'staging' })
  await pool.query(
    `insert into reprise.incidents (environment, opened_at, closed_at)
     select case when n % 10 = 0 then 'staging' else 'production' end, now() - (100 - n) * interval '1 hour',
            now() - (100 - n) * interval '1 hour' + interval '5 min'
       from generate_series(1, 60) n`,
  )
  await pool.query(
    `insert into reprise.incident_checks (incident, check_name, opened_at, closed_at)
     select id, case when environment = 'staging' then 'a&b "c"' else 'users' end, opened_at, closed_at from reprise.incidents`,
  )
  const page = async (path: string) => {
    const { text } = await get(`${served.url}${path}`)
    const next = /href="([^"]+)" rel="next"/.exec(text)?.[1]?.replaceAll('&amp;', '&')
    return { text, next, ids: [...text.matchAll(/href="\/incidents\/(\d+)"/g)].map(([, id]) => Number(id)) }
  }
  const pages = [await page('/incidents')]
  for (let next = pages[0]?.next; next; next = pages.at(-1)?.next) pages.push(await page(next))
  expect(pages.flatMap(({ ids }) => ids)).toEqual(Array.from({ length: 60 }, (_, n) => 60 - n))
  expect(pages).toHaveLength(3)
  const ofCheck = await page(`/incidents?${new URLSearchParams({ check: 'a&b "c"', environment: 'staging' })}`)
  expect(ofCheck.ids).toEqual([60, 50, 40, 30, 20, 10])
  expect(ofCheck.text).toContain('<option value="a&amp;b &quot;c&quot;" selected>')
  expect((await page('/incidents?environment=staging')).ids).toEqual(ofCheck.ids)
  expect((await page('/incidents?check=users&environment=staging')).ids).toEqual([])
  const filtered = await page('/incidents?check=users')
  expect(filtered.next).toBe('/incidents?check=users&before=33')
  // Anything else in the address is no filter.
  for (const odd of ['before=0', 'before=-1', 'before=99999999999', 'before=x', 'before=1&before=2', 'check=%00']) {
    expect((await page(`/incidents?${odd}`)).ids[0], odd).toBe(60)
  }
  for (const none of ['0', '61', '99999999999', '1e1', 'x', '5%00', '../incidents']) {
    expect((await get(`${served.url}/incidents/${none}`)).status, none).toBe(none === '../incidents' ? 200 : 404)
  }
  expect(served.errors).toEqual([])
})

const script = `<script>alert("1")</script>&'\u0007\u202e]]>`

test('data of the database is escaped on the pages and in the feed', async ({ pool, served }) => {
  await monitor(pool, { name: script, environment: script, channels: [script] })
  const detail = failedDetail({ title: script, message: script, run: '../../etc/passwd' })
  await replayWith(pool, script, 600, 'passed', { version: script })
  for (const at of [300, 280])
    await replayWith(pool, script, at, 'failed', { version: `${script}2`, detail, reason: script })
  await pool.query(`update reprise.outbox set attempts = 2, last_error = $1, last_failure = $1`, [script])
  await writeNote(pool, 1, script, script)
  for (const path of ['incidents', 'incidents/1', 'incidents.atom']) {
    const { text } = await get(`${served.operatorUrl}/${path}`)
    expect(text).toContain('&lt;script&gt;alert(&quot;1&quot;)')
    expect(text).not.toContain('<script>')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not occur.
    if (path.endsWith('atom')) expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/)
  }
})
