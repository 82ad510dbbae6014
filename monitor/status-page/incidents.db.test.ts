import { expect } from '@playwright/test'
import { failedDetail, realPast, replayWith } from '../testing/incident-scenario.ts'
import { test } from '../testing/status-page-fixture.ts'
import { monitor } from '../testing/store-fixture.ts'

const get = async (url: string, headers: Record<string, string> = {}) => {
  const response = await fetch(url, { headers })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** The text of a page's main part, without markup. */
const wordsOf = (html: string) =>
  (/<main>([\s\S]*)<\/main>/.exec(html)?.[1] ?? '')
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
  expect(words).toContain('Who knows oncall; desk: not delivered after 1 attempt, last: answered 503')
  expect(words.slice(words.indexOf('Timeline'))).toContain(
    [
      'TIME orders failed for the first time, on 2.37.0.',
      'TIME orders failed again, on 2.37.0.',
      'TIME orders is down: the incident is opened.',
      'TIME Alert to oncall: delivered after SPAN.',
      'TIME Alert to desk: not delivered after 1 attempt, last: answered 503.',
      'TIME checkout failed for the first time, on 2.36.1, 2.37.0.',
      'TIME checkout failed again, on 2.36.1, 2.37.0.',
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
  for (const path of ['incidents', 'incidents/1', 'incidents.atom']) {
    const { text } = await get(`${served.url}/${path}`)
    expect(text).toContain('&lt;script&gt;alert(&quot;1&quot;)')
    expect(text).not.toContain('<script>')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not occur.
    if (path.endsWith('atom')) expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/)
  }
})
