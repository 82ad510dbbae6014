import { expect } from '@playwright/test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import type pg from 'pg'
import { noMaintenance } from '../../store/check-rules.ts'
import { recordResult } from '../../store/replays.ts'
import { planSlots } from '../../store/slots.ts'
import { type ServedPage, test } from '../../testing/status-page-fixture.ts'
import { ago, enterHome, monitor, outcomeOf, replay, startDue } from '../../testing/store-fixture.ts'

const get = async (url: string, init: RequestInit = {}) => {
  const response = await fetch(url, init)
  const text = await response.text()
  return { status: response.status, type: response.headers.get('content-type'), headers: response.headers, text }
}
const jsonOf = async (url: string) => JSON.parse((await get(url)).text)
const problemOf = async (url: string, init: RequestInit = {}) => {
  const { status, type, text } = await get(url, init)
  expect(type).toBe('application/problem+json')
  const problem = JSON.parse(text)
  expect(problem).toEqual({ type: 'about:blank', title: expect.any(String), status, detail: expect.any(String) })
  return `${status} ${problem.detail}`
}

const detail = {
  specs: [
    {
      title: 'an order is added',
      file: 'orders.spec.ts',
      line: 3,
      outcome: 'failed',
      unknownField: 'not described',
      attempts: [
        {
          outcome: 'failed',
          durationMs: 31,
          error: { message: 'expected 201', file: 'orders.spec.ts', line: 5 },
          requests: [{ method: 'POST', url: 'https://api.example.com/orders', status: 500, totalMs: 22 }],
        },
      ],
    },
  ],
}

/** Two checks, an incident, a channel that does not answer. */
async function fill(pool: pg.Pool) {
  await monitor(pool, { name: 'orders' }, { name: 'users' })
  for (const secondsAgo of [300, 200]) {
    const instance = await enterHome(pool)
    await planSlots(pool, [{ check: 'orders', due: ago(secondsAgo), location: 'home' }])
    for (const started of await startDue(pool, instance)) {
      await recordResult(pool, { ...outcomeOf(started, 'failed'), detail }, noMaintenance)
    }
  }
  for (const secondsAgo of [600, 500, 400]) await replay(pool, 'users', secondsAgo, 'passed')
  await pool.query(
    `update reprise.outbox set attempts = 3, last_failure = 'answered 503', last_error = 'hush: 503 of hooks.example.com'`,
  )
}

test('the document is valid, and each operation answers and is refused as it says', async ({ pool, served }) => {
  await fill(pool)
  const document = await jsonOf(`${served.url}/api/openapi.json`)
  expect(document.openapi).toBe('3.1.0')
  expect(await new Validator().validate(structuredClone(document))).toMatchObject({ valid: true })

  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ajvFormats.default(ajv)
  ajv.addSchema(document, 'document')
  const responseOf = (path: string, status: number, type: string) => {
    const pointer = ['paths', path, 'get', 'responses', String(status), 'content', type, 'schema']
    const escaped = pointer.map(part => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
    return ajv.getSchema(`document#/${escaped.join('/')}`)
  }
  const asked: Record<string, { path: string; status: number; visitors?: number }[]> = {
    '/api/checks': [{ path: '/api/checks', status: 200 }],
    '/api/checks/{name}': [
      { path: '/api/checks/orders', status: 200 },
      { path: '/api/checks/nothing', status: 404 },
    ],
    '/api/checks/{name}/replays': [
      { path: '/api/checks/orders/replays?limit=1', status: 200 },
      { path: '/api/checks/orders/replays?limit=x', status: 400 },
    ],
    '/api/checks/{name}/uptime': [{ path: '/api/checks/users/uptime?days=2', status: 200 }],
    '/api/incidents': [
      { path: '/api/incidents?state=open&check=orders', status: 200 },
      { path: '/api/incidents?state=closed', status: 200 },
    ],
    '/api/incidents/{id}': [
      { path: '/api/incidents/1', status: 200 },
      { path: '/api/incidents/77', status: 404 },
    ],
    '/api/leaks': [{ path: '/api/leaks', status: 200 }],
    '/api/alerts': [{ path: '/api/alerts', status: 200, visitors: 403 }],
  }
  // Those of operators, which change something, have tests of their own.
  const read = Object.entries<{ get?: unknown }>(document.paths).filter(([, { get }]) => get !== undefined)
  expect(read.map(([path]) => path).sort()).toEqual(Object.keys(asked).sort())
  for (const [path, requests] of Object.entries(asked)) {
    for (const { path: address, status: ofOperators, visitors = ofOperators } of requests) {
      for (const origin of [served.url, served.operatorUrl]) {
        const status = origin === served.url ? visitors : ofOperators
        const { status: found, type, text } = await get(`${origin}${address}`)
        expect.soft(found, address).toBe(status)
        const described = responseOf(path, status, String(type).replace('; charset=utf-8', ''))
        if (!described) throw new Error(`${address} is answered with ${status} and ${type}, which is not described.`)
        described(JSON.parse(text))
        expect.soft(described.errors ?? [], `${origin}${address}: ${text}`).toEqual([])
      }
    }
  }
  const refused = async (status: number, init: RequestInit = {}) => {
    for (const [path, [request]] of Object.entries(asked)) {
      const { status: found, type, text } = await get(`${served.url}${request?.path}`, init)
      expect.soft([found, type], path).toEqual([status, 'application/problem+json'])
      expect.soft(responseOf(path, status, String(type))?.(JSON.parse(text)), `${path} ${status}`).toBe(true)
    }
  }
  served.admit({}, 'none')
  await refused(403)
  served.admit({ token: 'a-token-of-the-operators' }, 'none')
  await refused(401)
  const wrong = { headers: { authorization: 'Bearer wrong' } }
  for (let attempt = 0; attempt < 10; attempt++) await get(`${served.url}/api/checks`, wrong)
  await refused(429, wrong)
  expect(document.components.securitySchemes.operator).toMatchObject({ type: 'http', scheme: 'bearer' })
})

test('only operators see reasons, attempts, runs and errors of deliveries', async ({ pool, served }) => {
  await fill(pool)
  const paths = ['/api/checks', '/api/checks/orders/replays', '/api/incidents/1']
  const texts = async (origin: string) => Promise.all(paths.map(async path => (await get(`${origin}${path}`)).text))
  const [checks = '', replays = '', incident = ''] = await texts(served.url)
  expect(checks + replays + incident).not.toMatch(/hush|expected 201|example\.com|"run"|"channel":"oncall","created/)
  const [all = '', reasons = '', history = ''] = await texts(served.operatorUrl)
  expect(JSON.parse(all).undelivered).toMatchObject([
    { channel: 'oncall', lastError: 'hush: 503 of hooks.example.com' },
  ])
  expect(JSON.parse(reasons).replays[0]).toMatchObject({
    outcome: 'failed',
    reason: 'a user is added: expected 201',
    specs: [{ attempts: [{ error: { line: 5 }, requests: [{ status: 500 }] }] }],
  })
  expect(reasons).not.toContain('unknownField')
  expect(JSON.parse(history)).toMatchObject({
    changes: [{ check: 'orders', from: 'unknown', to: 'down' }],
    messages: [{ channel: 'oncall', attempts: 3, failure: 'answered 503' }],
  })
  expect(await jsonOf(`${served.operatorUrl}/api/alerts`)).toMatchObject({
    counts: { waiting: 1, dead: 0 },
    waiting: [{ channel: 'oncall', kind: 'down', incident: 1, attempts: 3, failure: 'answered 503' }],
  })
})

test('pages of replays have each replay once, also those of one time', async ({ pool, served }) => {
  await monitor(pool, { name: 'users', locations: ['a,b', 'home'] })
  for (const secondsAgo of [300, 200, 100]) await replay(pool, 'users', secondsAgo, 'passed')
  await pool.query(
    `insert into reprise.replays (check_name, due, location, kind, id, run, outcome)
     select check_name, due + case when due = (select min(due) from reprise.replays) then interval '1 us' else '0' end,
            'a,b', kind, gen_random_uuid(), run, outcome from reprise.replays`,
  )
  const seen: string[] = []
  let next = '/api/checks/users/replays?limit=1'
  for (let page = 0; next && page < 10; page++) {
    const answer = await jsonOf(`${served.url}${next}`)
    expect(answer.replays).toHaveLength(1)
    seen.push(answer.replays[0].location)
    next = answer.next
  }
  expect(seen).toEqual(['home', 'a,b', 'home', 'a,b', 'a,b', 'home'])
  const before = ago(150).toISOString()
  const earlier = await jsonOf(`${served.url}/api/checks/users/replays?before=${before}`)
  expect(earlier.replays).toHaveLength(4)
})

test('a value that is refused is named, with the remedy', async ({ pool, served: { url, errors } }) => {
  await monitor(pool, { name: 'users' })
  const problems: [path: string, problem: string][] = [
    [
      '/api/checks?limt=3&__proto__=1',
      '400 There is no query parameter "limt"; there is none here. There is no query parameter "__proto__"; there is none here.',
    ],
    ['/api/checks/users/replays?limit=0', '400 The query parameter limit is "0": write a whole number from 1 to 200.'],
    [
      '/api/checks/users/replays?limit=1&limit=2',
      '400 The query parameter limit is ["1","2"]: write a whole number from 1 to 200.',
    ],
    [
      '/api/checks/users/replays?before=yesterday&limi=3',
      '400 The query parameter before is "yesterday": write a time such as 2026-11-30T08:00:00Z, or take the `next` of a page. There is no query parameter "limi"; known: before, limit.',
    ],
    ['/api/incidents?state=down', '400 The query parameter state is "down": write open, closed or all.'],
    ['/api/incidents/abc', '400 The path parameter id is "abc": write the number of an incident, such as 7.'],
    [
      '/api/incidents/4000000000',
      '400 The path parameter id is "4000000000": write the number of an incident, such as 7.',
    ],
    ['/api/incidents/7', '404 There is no incident 7; /api/incidents lists them.'],
    ['/api/checks/nobody', '404 There is no check "nobody"; /api/checks lists them.'],
    ['/api/checks/nobody/replays', '404 There is no check "nobody"; /api/checks lists them.'],
    ['/api/checks/nobody/uptime', '404 There is no check "nobody"; /api/checks lists them.'],
    ['/api/elsewhere', '404 There is nothing at this path; see /api/openapi.json.'],
    ['/api/checks/a%00/replays', '400 The path parameter name is "a\\u0000": leave out the character NUL.'],
    ['/api/incidents?check=%00', '400 The query parameter check is "\\u0000": leave out the character NUL.'],
    ...['0000-01-01T00:00:00.1Z', '2026-02-31T00:00:00Z', '2026-01-31T00:00:00Z,\u0000,cron'].map(
      (time): [string, string] => [
        `/api/checks/users/replays?before=${encodeURIComponent(time)}`,
        `400 The query parameter before is ${JSON.stringify(time)}: write a time such as 2026-11-30T08:00:00Z, or take the \`next\` of a page.`,
      ],
    ),
    ['/api/checks/%', '400 The request cannot be read; check its path and its body.'],
  ]
  for (const [path, problem] of problems) expect.soft(await problemOf(`${url}${path}`), path).toBe(problem)
  // What the database itself refuses is a fault of the request as well.
  const digits = `2026-01-31T00:00:00.${'1'.repeat(250)}Z`
  expect(await problemOf(`${url}/api/checks/users/replays?before=${digits}`)).toMatch(/^400 /)
  expect(errors).toEqual([])
  const long = await problemOf(`${url}/api/incidents?state=${'x'.repeat(5000)}`)
  expect(long.length).toBeLessThan(300)
  expect(await problemOf(`${url}/api/checks`, { headers: { accept: 'text/html' } })).toBe(
    '406 Accept is "text/html"; the API sends application/json.',
  )
})

test('another method is answered with 405 and those that work', async ({ served: { url } }) => {
  expect(await problemOf(`${url}/api/checks`, { method: 'DELETE' })).toBe(
    '405 This address does not answer DELETE; it answers GET, HEAD.',
  )
  for (const path of ['/', '/api/checks/users', '/healthz', '/page.css']) {
    const { status, headers } = await get(`${url}${path}`, { method: 'PUT' })
    expect.soft([path, status, headers.get('allow')]).toEqual([path, 405, 'GET, HEAD'])
  }
  for (const path of ['/', '/healthz']) {
    const { headers } = await get(`${url}${path}`, { method: 'OPTIONS' })
    expect(headers.get('allow')).toBe('GET, HEAD')
  }
})

test('the uptime of a check is that of its replays', async ({
  pool,
  served,
}: {
  pool: pg.Pool
  served: ServedPage
}) => {
  await fill(pool)
  await pool.query(
    `update reprise.rollups set missed = 2, skipped = 1
      where (check_name, period, start) in (select check_name, period, max(start) from reprise.rollups
                                              where check_name = 'users' group by check_name, period)`,
  )
  const { spans, days } = await jsonOf(`${served.url}/api/checks/users/uptime`)
  expect(spans).toEqual([
    ...['24 hours', '7 days', '30 days', '90 days'].map(span => ({
      ...{ span, up: 3, down: 0, unwatched: 3, percent: 100 },
    })),
  ])
  expect(days.reduce((sum: number, { passed }: { passed: number }) => sum + passed, 0)).toBe(3)
  expect(days.at(-1)).toMatchObject({ missed: 2, skipped: 1, maintenance: 0 })
})
