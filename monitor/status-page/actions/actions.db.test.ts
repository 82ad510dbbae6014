/** Operators' actions over HTTP: by JSON with the token, and by forms with a session. */
import { expect } from '@playwright/test'
import type pg from 'pg'
import { readActions } from '../../store/actions.ts'
import { test } from '../../testing/status-page-fixture.ts'
import { monitor, replay } from '../../testing/store-fixture.ts'

const token = 'a-token-of-the-operators'
const bearer = { authorization: `Bearer ${token}` }

const failing = async (pool: pg.Pool) => {
  await monitor(pool, { name: 'users' }, { name: 'orders', channels: ['desk'] })
  for (const seconds of [120, 60]) await replay(pool, 'users', seconds, 'failed')
}

const logOf = async (pool: pg.Pool) =>
  (await readActions(pool, 50)).map(({ operator, kind, subject }) => `${operator} ${kind} ${subject}`).reverse()

async function send(url: string, body: unknown, headers: Record<string, string> = bearer) {
  const response = await fetch(url, {
    ...{ method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) },
    headers: { 'content-type': 'application/json', ...headers },
  })
  return { status: response.status, json: await response.json() }
}

async function signIn(url: string): Promise<Record<string, string>> {
  const body = new URLSearchParams({ name: 'Ada', token })
  const response = await fetch(`${url}/sign-in`, { method: 'POST', body, redirect: 'manual', headers: { origin: url } })
  return { cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '', origin: url }
}

test('the API acts in the name of whoever the token is used for', async ({ pool, served }) => {
  await failing(pool)
  served.admit({ token })
  const api = `${served.url}/api`
  const acknowledged = { changed: true, acknowledgement: { by: 'Ada', at: expect.stringMatching(/Z$/) } }
  expect(await send(`${api}/incidents/1/acknowledge`, { by: 'Ada', note: 'looking' })).toEqual({
    status: 200,
    json: acknowledged,
  })
  expect(await send(`${api}/incidents/1/acknowledge`, '')).toEqual({
    status: 200,
    json: { ...acknowledged, changed: false },
  })
  expect(await send(`${api}/incidents/1/acknowledge`, { by: 'Ada', note: 'found' })).toEqual({
    status: 200,
    json: acknowledged,
  })
  expect(await send(`${api}/incidents/1/notes`, { text: ' the index ' })).toEqual({
    status: 200,
    json: { changed: true },
  })
  expect(await send(`${api}/incidents/1/unacknowledge`, {})).toEqual({ status: 200, json: { changed: true } })
  expect(await send(`${api}/checks/users/mute`, { for: '2h' })).toMatchObject({
    status: 200,
    json: { changed: true, until: expect.any(String) },
  })
  expect(await send(`${api}/checks/users/unmute`, {})).toEqual({ status: 200, json: { changed: true } })
  const until = new Date(Date.now() + 3_600_000).toISOString()
  expect(await send(`${api}/channels/desk/mute`, { until })).toEqual({ status: 200, json: { changed: true, until } })
  // It was so already, and nothing is recorded.
  expect(await send(`${api}/channels/desk/mute`, { until })).toEqual({ status: 200, json: { changed: false, until } })
  expect(await send(`${api}/channels/desk/unmute`, {})).toMatchObject({ json: { changed: true } })
  expect(await send(`${api}/checks/users/run`, {})).toMatchObject({ status: 200, json: { changed: true } })
  expect(await send(`${api}/maintenance`, { for: '1h', checks: ['orders'], reason: 'disks' })).toMatchObject({
    json: { window: { id: 1, checks: ['orders'] } },
  })
  expect(await send(`${api}/maintenance/1/end`, {})).toMatchObject({ json: { changed: true } })
  expect(await logOf(pool)).toEqual([
    'Ada acknowledge 1',
    'Ada note 1',
    ...[
      'note 1',
      'unacknowledge 1',
      'mute users',
      'unmute users',
      'mute desk',
      'unmute desk',
      'run users',
      'maintain 1',
      'end maintenance 1',
    ].map(did => `token ${did}`),
  ])
})

test('what is not right is refused with its reason, and changes nothing', async ({ pool, served }) => {
  await failing(pool)
  served.admit({ token })
  const session = await signIn(served.url)
  const api = `${served.url}/api`
  const acknowledge = `${api}/incidents/1/acknowledge`
  const refused: [url: string, body: unknown, headers: Record<string, string>, status: number, detail: RegExp][] = [
    [acknowledge, {}, {}, 401, /Only operators/],
    [acknowledge, {}, { authorization: 'Bearer wrong' }, 401, /not the token/],
    [acknowledge, {}, { ...session, origin: 'https://elsewhere.example' }, 403, /did not come from a page/],
    [acknowledge, { by: 'Eve' }, session, 400, /^by: /],
    [acknowledge, { by: 'a\u202eb' }, bearer, 400, /^by: /],
    [acknowledge, { by: 'Ada\r\nSet-Cookie: a=b' }, bearer, 400, /^by: /],
    [acknowledge, { who: 'Eve' }, bearer, 400, /who/],
    [acknowledge, [], bearer, 400, /body/i],
    [acknowledge, '{"by":', bearer, 400, /cannot be read/],
    [acknowledge, { note: 'x'.repeat(20_000) }, bearer, 413, /too large/],
    [acknowledge, 'by=Eve', { ...bearer, 'content-type': 'text/plain' }, 415, /application\/json/],
    [
      acknowledge,
      'by=Eve',
      { ...bearer, 'content-type': 'application/x-www-form-urlencoded' },
      415,
      /application\/json/,
    ],
    [`${api}/incidents/2/acknowledge`, {}, bearer, 404, /There is no incident 2/],
    [`${api}/incidents/1e0/acknowledge`, {}, bearer, 404, /There is no incident "1e0"/],
    [`${api}/incidents/99999999999/notes`, { text: 'a' }, bearer, 404, /There is no incident/],
    [`${api}/incidents/1/notes`, { text: 'a\u0000' }, bearer, 400, /^text: leave out the character NUL/],
    [`${api}/maintenance`, { for: '1h', reason: 'a\u0000' }, bearer, 400, /^reason: leave out the character NUL/],
    [`${api}/maintenance`, { for: '1h', checks: ['a\u0000'] }, bearer, 400, /^checks\.0: leave out the character NUL/],
    [`${api}/maintenance`, { until: '2030-02-31T00:00:00Z' }, bearer, 400, /^until: write a time/],
    [`${api}/checks/a%00/mute`, { for: '1h' }, bearer, 400, /^The path: leave out the character NUL/],
    [`${api}/channels/%00/unmute`, {}, bearer, 400, /^The path: leave out the character NUL/],
    [`${api}/incidents/1/notes`, { text: '  ' }, bearer, 400, /^text: write 1 to 4000/],
    [`${api}/checks/nothing/mute`, { for: '1h' }, bearer, 404, /No check "nothing"/],
    [`${api}/checks/users/mute`, {}, bearer, 400, /either until or for/],
    [`${api}/checks/users/mute`, { for: '1h', until: '2030-01-01T00:00:00Z' }, bearer, 400, /either until or for/],
    [`${api}/checks/users/mute`, { for: 'ever' }, bearer, 400, /^for: write a duration/],
    [`${api}/checks/users/mute`, { until: '2001-01-01T00:00:00Z' }, bearer, 400, /in the past/],
    [`${api}/checks/users/mute`, { until: '2030-01-01 00:00' }, bearer, 400, /^until: write a time/],
    [`${api}/maintenance`, { for: '1h', checks: ['users', 7] }, bearer, 400, /checks/],
    [`${api}/maintenance/7/end`, {}, bearer, 404, /There is no maintenance window 7/],
  ]
  for (const [url, body, headers, status, detail] of refused) {
    const response = await send(url, body, headers)
    expect(response, `${url} ${JSON.stringify(body).slice(0, 80)}`).toMatchObject({
      status,
      json: { status, detail: expect.stringMatching(detail) },
    })
  }
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
    for (const path of ['/api/incidents/1/acknowledge', '/actions/incidents/1/acknowledge', '/sign-out']) {
      expect((await fetch(served.url + path, { method, headers: { ...bearer } })).status, `${method} ${path}`).not.toBe(
        200,
      )
    }
  }
  for (const url of ['/actions', '/api/maintenance']) {
    expect((await fetch(`${served.url}${url}`)).status, url).not.toBe(200)
  }
  expect(await logOf(pool)).toEqual([])
  const { rowCount } = await pool.query('select from reprise.acknowledgements')
  expect(rowCount).toBe(0)
})

test('a form returns to its page, and its times are in UTC', async ({ pool, served }) => {
  await failing(pool)
  served.admit({ token })
  const session = await signIn(served.url)
  const submit = async (path: string, fields: Record<string, string>) => {
    const body = new URLSearchParams(fields)
    const response = await fetch(served.url + path, { method: 'POST', body, redirect: 'manual', headers: session })
    return [response.status, response.headers.get('location'), await response.text()]
  }
  expect(await submit('/actions/incidents/1/acknowledge', { next: '/incidents/1' })).toEqual([
    303,
    '/incidents/1',
    expect.any(String),
  ])
  expect(await submit('/actions/incidents/1/notes', { text: 'a', next: '//elsewhere.example' })).toEqual([
    303,
    '/',
    expect.any(String),
  ])
  const from = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16)
  const until = new Date(Date.now() + 90_000_000).toISOString().slice(0, 16)
  const window = { checks: '', reason: '', from, until, next: '/actions' }
  expect((await submit('/actions/maintenance', window)).slice(0, 2)).toEqual([303, '/actions'])
  const [planned] = await readActions(pool, 1)
  expect(planned?.detail).toEqual({ begin: `${from}:00.000Z`, end: `${until}:00.000Z` })
  const past = await submit('/actions/maintenance', { ...window, from: '2001-01-01T00:00' })
  expect(past).toEqual([400, null, expect.stringContaining('A window cannot begin in the past')])
  // Forms have a path of their own, as JSON has.
  expect((await submit('/api/incidents/1/acknowledge', {}))[0]).toBe(415)
  expect(await logOf(pool)).toEqual(['Ada acknowledge 1', 'Ada note 1', 'Ada maintain 1'])
})

test('what operators write is escaped, and shown to operators only', async ({ pool, served }) => {
  await failing(pool)
  served.admit({ token })
  const note = '<script>alert(1)</script>\u202e\r\nSet-Cookie: a=b'
  await send(`${served.url}/api/incidents/1/acknowledge`, { by: `<b>Ada`, note })
  await send(`${served.url}/api/maintenance`, { for: '1h', reason: note })
  for (const path of ['/incidents/1', '/actions', '/']) {
    const shown = await (await fetch(served.url + path, { headers: bearer })).text()
    expect(shown, path).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(shown).not.toMatch(/<script>|<b>Ada/)
    const hidden = await (await fetch(served.url + path)).text()
    expect(hidden, path).not.toMatch(/alert\(1\)|Ada|<form method="post"/)
  }
})

test('the overview shows operators which checks are muted', async ({ pool, served }) => {
  await failing(pool)
  const { until } = (await send(`${served.operatorUrl}/api/checks/users/mute`, { for: '2h', by: 'Ada' })).json
  const [all, visible] = await Promise.all([served.operatorUrl, served.url].map(async url => (await fetch(url)).text()))
  const time = `<time datetime="${until}">`
  expect(all).toContain(`Muted by Ada until ${time}`)
  expect(all?.split('Muted by')).toHaveLength(2)
  expect(visible).not.toMatch(/Muted|Ada/)
})
