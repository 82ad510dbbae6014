/** What visitors see of the pages, and what operators do. */
import { expect } from '@playwright/test'
import { test } from '../testing/status-page-fixture.ts'
import { monitor, replay } from '../testing/store-fixture.ts'
import { readPageSettings } from './page-settings.ts'

const token = 'a-token-of-the-operators'
const asOperator = { authorization: `Bearer ${token}` }

/** All pages and parts of the API, by who may request them where some checks are public: a new one has to be added. */
const addresses = {
  /** Without what is hidden. */
  visitors: [
    '/',
    '/api/checks',
    '/checks/:name',
    '/api/checks/:name',
    '/api/checks/:name/replays',
    '/api/checks/:name/uptime',
    '/badges/:name.svg',
    '/incidents/:id',
    '/incidents',
    '/incidents.atom',
    '/api/incidents',
    '/api/incidents/:id',
    '/leaks',
    '/api/leaks',
    '/api/openapi.json',
    '/sign-in',
    '/healthz',
  ],
  operators: [
    '/checks/:name/advice',
    '/actions',
    '/alerts',
    '/api/alerts',
    '/metrics',
    '/reports/:run',
    '/reports/:run/evidence.zip',
  ],
  /** Of events, which another test reads. */
  streams: ['/events'],
}

const addressOf = (path: string) => path.replace(':name', 'users').replace(/:\w+/, '1')

test('visitors see the listed checks, and no other names; operators see everything', async ({ pool, served }) => {
  const atSites = { environment: 'staging-eu', locations: ['home'], channels: ['desk-7'] }
  await monitor(pool, { name: 'users', ...atSites }, { name: 'invoices', ...atSites })
  for (const name of ['users', 'invoices']) {
    await replay(pool, name, 120, 'failed')
    await replay(pool, name, 60, 'failed')
    await replay(pool, name, 30, 'error')
  }
  await pool.query(`update reprise.outbox set last_error = 'refused by 10.1.2.3', last_failure = 'no answer'`)
  const { configuration } = served.inForce
  const release = (statusPage: typeof configuration.statusPage) => {
    served.inForce = { ...served.inForce, configuration: { ...configuration, statusPage } }
  }
  const statuses: Record<string, number> = {}
  const texts = async (headers: Record<string, string> = {}) =>
    Promise.all(
      addresses.visitors.map(async path => {
        const response = await fetch(served.url + addressOf(path), { headers })
        statuses[path] = response.status
        return response.text()
      }),
    )
  const pathsOf = (asked: string) => served.routes.flatMap(({ method, path }) => (method === asked ? [path] : []))
  const pages = new Set(pathsOf('get').filter(path => !/\.(css|mjs|js)$/.test(path)))
  expect([...pages].sort()).toEqual(Object.values(addresses).flat().sort())
  served.admit({ token })
  release({ public: ['users'], shows: [] })
  const [page, json] = await texts()
  expect(statuses).toEqual(Object.fromEntries(addresses.visitors.map(path => [path, 200])))
  for (const text of [page, json]) expect(text).toContain('users')
  for (const text of await texts()) {
    for (const hidden of ['invoices', 'staging-eu', 'home', 'desk-7', 'refused by', 'expected 201'])
      expect(text).not.toContain(hidden)
  }
  const closed = [
    '/checks/invoices',
    '/checks/invoices/',
    '/api/checks/invoices',
    '/api/checks/invoices/uptime',
    '/badges/invoices.svg',
    '/reports/1',
    '/actions',
    '/checks/%69nvoices',
    '/new-page',
  ]
  for (const path of closed) {
    const refused = await fetch(served.url + path, { headers: { accept: 'application/json' } })
    expect(refused.status, path).toBe(401)
  }
  for (const path of addresses.operators) {
    const refused = await fetch(served.url + addressOf(path), { headers: { accept: 'application/json' } })
    expect([401, 404], path).toContain(refused.status)
  }
  for (const path of pathsOf('post')) {
    if (path.startsWith('/sign-')) continue
    const [type] = path.startsWith('/api/') ? ['application/json'] : ['application/x-www-form-urlencoded']
    const headers = { accept: 'application/json', 'content-type': type, origin: served.url }
    const refused = await fetch(served.url + addressOf(path), { method: 'POST', headers, body: '' })
    expect([401, 403], path).toContain(refused.status)
  }
  for (const path of ['/badges/users.svg', '/badges/%75sers.svg'])
    expect((await fetch(served.url + path)).status).toBe(200)
  expect(page).toContain('Incident 1 in the service')
  // Nor is a location found out by asking what comes after others.
  const [{ due }] = (await (await fetch(`${served.url}/api/checks/users/replays`)).json()).replays
  const repliesTo = async (location: string) => {
    const places = [
      `/api/checks/users/replays?before=${due},${location},cron`,
      `/checks/users?before=${due.replace('Z', '000Z')}_cron_${location}`,
    ]
    return Promise.all(
      places.map(async path => (await (await fetch(served.url + path)).text()).replaceAll(location, '')),
    )
  }
  const [json400, newest] = await repliesTo('aaaaaa')
  expect(json400).toContain('"detail":"The query parameter before has a location: write a time')
  expect(newest).toContain('>Replays</h2>')
  expect((await repliesTo('zzzzzz'))[0]).toBe(json400)
  expect((await repliesTo('zzzzzz'))[1]).toContain('>Replays</h2>')
  const earlier = await fetch(`${served.url}/api/checks/users/replays?before=${due}`)
  expect((await earlier.json()).replays).toHaveLength(2)
  release({ public: ['users'], shows: ['environments', 'locations', 'channels'] })
  const released = await texts()
  for (const shown of ['users', 'staging-eu', 'home', 'desk-7']) {
    for (const text of released.slice(0, 2)) expect(text).toContain(shown)
  }
  for (const text of released) {
    for (const hidden of ['invoices', 'refused by', 'expected 201']) expect(text).not.toContain(hidden)
  }
  release({ public: [], shows: [] })
  for (const text of await texts()) expect(text).not.toMatch(/staging|invoices|Incident 1/)
  for (const text of (await texts(asOperator)).slice(0, 2))
    expect(text).toMatch(/users[\s\S]*staging-eu|staging-eu[\s\S]*users/)
})

test('to visitors of listed checks, an incident has the times and the state of these', async ({ pool, served }) => {
  await monitor(pool, { name: 'users' }, { name: 'ledger' })
  const fail = async (name: string, secondsAgo: number) => {
    await replay(pool, name, secondsAgo, 'failed')
    await replay(pool, name, secondsAgo - 5, 'failed')
  }
  await fail('ledger', 700)
  await fail('users', 600)
  await replay(pool, 'users', 500, 'passed')
  const { configuration } = served.inForce
  served.inForce = {
    ...served.inForce,
    configuration: { ...configuration, statusPage: { public: ['users'], shows: ['environments'] } },
  }
  const list = async (query = '', origin = served.url) => (await fetch(`${origin}/api/incidents${query}`)).json()
  const [{ checks, openedAt, closedAt }] = (await list()).incidents
  expect(checks).toHaveLength(1)
  expect(checks[0]).toEqual({ name: 'users', since: openedAt, until: closedAt })
  expect(closedAt).not.toBeNull()
  expect(await (await fetch(`${served.url}/api/incidents/1`)).json()).toMatchObject({ openedAt, closedAt })
  // Open is only what a visitor does not see.
  const open = async (origin: string) => (await (await fetch(origin)).text()).includes('Incident 1 in')
  expect([await open(served.url), await open(served.operatorUrl)]).toEqual([false, true])
  await replay(pool, 'ledger', 400, 'passed')
  await fail('ledger', 300)
  const none = { incidents: [], next: null }
  for (const hidden of ['?check=ledger', '?check=ledger&limit=1', '?state=open', '?check=elsewhere', '?before=1'])
    expect(await list(hidden), hidden).toEqual(none)
  for (const query of ['', '?limit=1', '?state=closed', '?check=users'])
    expect(await list(query), query).toMatchObject({ incidents: [{ id: 1, openedAt }], next: null })
  expect(await list('?check=ledger', served.operatorUrl)).toMatchObject({ incidents: [{ id: 2 }, { id: 1 }] })
  expect(await list('?state=open&limit=1', served.operatorUrl)).toMatchObject({
    incidents: [{ id: 2, closedAt: null }],
  })
})

test('nothing is shown without signing in, if nothing is public', async ({ pool, served }) => {
  await monitor(pool, { name: 'users' })
  served.admit({ token }, 'none')
  const get = (path: string, headers: Record<string, string> = { accept: 'text/html,*/*' }) =>
    fetch(served.url + path, { headers, redirect: 'manual' })
  const page = await get('/checks/users?all=1')
  expect([page.status, page.headers.get('location')]).toEqual([303, '/sign-in?next=%2Fchecks%2Fusers%3Fall%3D1'])
  for (const path of ['/api/checks', '/api/incidents', '/API/checks']) {
    const refused = await get(path, { accept: 'application/json' })
    expect(refused.status).toBe(401)
    expect(await refused.text()).not.toContain('users')
  }
  for (const path of ['/healthz', '/sign-in', '/page.css', '/colours.css']) expect((await get(path)).status).toBe(200)
  for (const path of ['//', '/%2f', '/healthz/../', '/x.css/../']) expect((await get(path)).status).not.toBe(200)
  expect(await (await get('/api/checks', asOperator)).text()).toContain('users')
  // Nor can anyone sign in.
  served.admit({}, 'none')
  const closed = await get('/')
  expect(closed.status).toBe(403)
  expect(await closed.text()).toContain('Nothing of this page is public.')
})

test('a page for this machine shows all by default, one for others nothing', () => {
  const byDefault = (env: NodeJS.ProcessEnv) => readPageSettings(env).publicByDefault
  for (const env of [
    {},
    { REPRISE_HOST: '::1' },
    { REPRISE_HOST: '127.0.0.2' },
    { REPRISE_URL: 'http://[::1]:3100' },
  ]) {
    expect(byDefault(env), JSON.stringify(env)).toBe('all')
  }
  for (const env of [
    { REPRISE_HOST: '0.0.0.0' },
    { REPRISE_HOST: '::' },
    // The URL alone does not show who reaches it.
    { REPRISE_HOST: '0.0.0.0', REPRISE_URL: 'http://localhost:3100' },
    { REPRISE_HOST: '192.0.2.7', REPRISE_URL: 'http://127.0.0.1:3100' },
    { REPRISE_URL: 'https://status.example.com' },
    { REPRISE_HOST: '127.0.0.1.example.com' },
  ]) {
    expect(byDefault(env), JSON.stringify(env)).toBe('none')
  }
})
