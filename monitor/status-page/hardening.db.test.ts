/** Hostile texts and requests at all addresses of the status page, whichever parts register them; and secrets. */
import { randomUUID } from 'node:crypto'
import { type IncomingHttpHeaders, request } from 'node:http'
import { expect } from '@playwright/test'
import { defaultTreeAdapter, parse } from 'parse5'
import type pg from 'pg'
import { configurationOf } from '../config/configuration.ts'
import type { MonitorConfig } from '../config/monitor-config.ts'
import { noMaintenance } from '../store/check-rules.ts'
import { enter } from '../store/instances.ts'
import { openLedger, releaseLedger, writeEntries } from '../store/ledgers.ts'
import { recordResult } from '../store/replays.ts'
import { planSlots } from '../store/slots.ts'
import { type ServedPage, test } from '../testing/status-page-fixture.ts'
import { ago, monitor, outcomeOf, startDue } from '../testing/store-fixture.ts'

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** Sends what `fetch` would change: paths with dots, and any `Host`. */
async function send(origin: string, path: string, headers: Record<string, string> = {}, method = 'GET', body = '') {
  const { hostname, port } = new URL(origin)
  return new Promise<Answer>((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers, agent: false }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', chunk => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    // A response may come before the whole body is sent.
    sent.on('error', reject).end(body)
  })
}

/** As an element, an attribute, an end of what a page may put it into, and text that is read from right to left. */
const markup = `\u202e"><xss-canary xss-attr="1">' xss-attr='2' </title></script></style>--><xss-canary onload=a>`

/** A store with this text wherever a text can be. */
async function fill(pool: pg.Pool, text: string): Promise<void> {
  const about = { environment: text, locations: [text], channels: [text] }
  await monitor(pool, { name: text, ...about }, { name: `${text}2`, ...about, dependsOn: [text] })
  const instance = await enter(pool, { location: text, capacity: 10 })
  const attempt = {
    outcome: 'failed',
    durationMs: 31,
    error: { message: text, file: text, line: 5 },
    requests: [{ method: text, url: text, status: 500, totalMs: 22 }],
  }
  const detail = {
    specs: [{ title: text, file: text, line: 3, outcome: 'failed', reason: text, attempts: [attempt, attempt] }],
    notReplayable: [{ title: text, reason: text }],
  }
  for (const [secondsAgo, outcome] of [
    [500, 'passed'],
    [400, 'failed'],
    [300, 'failed'],
    [200, 'error'],
  ] as const) {
    await planSlots(pool, [{ check: text, due: ago(secondsAgo), location: text }])
    for (const started of await startDue(pool, instance)) {
      await recordResult(pool, { ...outcomeOf(started, outcome), reason: text, detail, version: text }, noMaintenance)
    }
  }
  await planSlots(pool, [{ check: text, due: ago(100), location: text }])
  await pool.query(`update reprise.slots set state = 'missed', reason = $1 where state = 'due'`, [text])
  await pool.query(`update reprise.outbox set attempts = 1, last_error = $1, last_failure = $1`, [text])
  await pool.query(
    `insert into reprise.actions (operator, kind, subject_kind, subject, detail)
     select $1, 'note', 'incident', id::text, jsonb_build_object('text', $1::text, 'note', $1::text) from reprise.incidents`,
    [text],
  )
  await pool.query(`insert into reprise.acknowledgements select id, $1, now() from reprise.incidents`, [text])
  await pool.query(
    `insert into reprise.mutes (subject_kind, subject, until, operator, at)
     select kind, $1, now() + interval '1 h', $1, now() from unnest(array['check', 'channel']) kind`,
    [text],
  )
  await pool.query(
    `insert into reprise.maintenance_windows (begins_at, ends_at, checks, reason, operator)
     values (now() + interval '1 h', now() + interval '2 h', array[$1], $1, $1)`,
    [text],
  )
  const [run, holder, id, other] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
  const intent = { at: ago(60).toISOString(), environment: text, check: text, replay: text, method: text, url: text }
  const things = [{ remove: [{ send: `DELETE ${text}` }] }]
  await openLedger(pool, { run, environment: text, settings: { baseURL: text } }, holder)
  await writeEntries(pool, run, holder, [
    ...[id, other].map(id => ({ entry: 'intent' as const, intent: { ...intent, id, token: 't', timeoutMs: 1 } })),
    { entry: 'created', id, things },
    { entry: 'unresolved', id, reason: text },
  ])
  const unruled = { route: text, reason: text }
  await writeEntries(pool, run, holder, [{ entry: 'ended', id: other, as: 'never created', unruled }])
  await releaseLedger(pool, run, holder)
}

const secrets = ['S3cr3t/canary+of ä?&=', 'signing key of 1 canary']

/** A secret as it is, and as it may be written elsewhere. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const texts = [secret, encodeURIComponent(secret), encodeURI(secret), JSON.stringify(secret).slice(1, -1)]
  // Without the end, which depends on what follows.
  const encoded = (['base64', 'base64url'] as const).map(encoding => bytes.toString(encoding).slice(0, 20))
  return [...texts, ...encoded, bytes.toString('hex'), new URLSearchParams({ secret }).toString().slice(7)]
}

function configure(served: ServedPage, text: string): void {
  const [value = '', key = ''] = secrets
  const environment = {
    baseURL: `https://user:${encodeURIComponent(value)}@api.example.com`,
    headers: { 'x-key': value },
  }
  const config: MonitorConfig = {
    environments: { [text]: environment },
    checks: { [text]: { specs: text, tag: text, title: text, environment: text, channels: [text] } },
    channels: { [text]: { kind: 'webhook', url: `https://hooks.example.com/${value}`, signingKey: key } },
  }
  const configuration = configurationOf('/service/monitor.config.ts', config)
  served.inForce = { ...served.inForce, configuration, environment: () => environment }
}

/** The addresses of all pages, with what exists and with what does not. */
function addressesOf({ routes }: ServedPage, name: string): string[] {
  const values: Record<string, string[]> = { name: [name, `no ${name}`], id: ['1', name], run: [randomUUID(), name] }
  const paths = routes
    .filter(({ method, path }) => method === 'get' && path !== '/events')
    .flatMap(({ path }) => {
      const [parameter] = /(?<=:)\w+/.exec(path) ?? []
      if (parameter === undefined) return [path]
      return (values[parameter] ?? [name]).map(value => path.replace(/:\w+/, encodeURIComponent(value)))
    })
  const given = new URLSearchParams(
    ['tag', 'state', 'environment', 'check', 'before', 'next', 'days', 'q', 'show', 'page'].map(key => [key, name]),
  )
  return [...new Set(paths)].flatMap(path => [path, `${path}?${given}`])
}

/** What a hostile text has become on a page. */
function foreignPartsOf(text: string): string[] {
  const found: string[] = []
  const visit = (node: unknown) => {
    const { isElementNode, getAttrList, getChildNodes } = defaultTreeAdapter
    type Node = Parameters<typeof isElementNode>[0]
    if (isElementNode(node as Node)) {
      const element = node as Parameters<typeof getAttrList>[0]
      const attributes = getAttrList(element)
      if (/xss/.test(element.tagName)) found.push(element.tagName)
      // A block of JSON is no script.
      const isLoaded = attributes.some(({ name, value }) => name === 'src' || value === 'application/json')
      if (element.tagName === 'script' && !isLoaded) found.push('script')
      for (const { name, value } of attributes) {
        if (/^on|xss|^style$/.test(name)) found.push(`${element.tagName} ${name}="${value}"`)
        const isAddress = ['href', 'src', 'action', 'formaction'].includes(name)
        if (isAddress && /^(\w+:(?!\/\/)(?!,|image\/svg)|\/\/|\/\\)/.test(value) && value !== 'data:,') {
          if (!value.startsWith('data:image/svg+xml')) found.push(`${element.tagName} ${name}="${value}"`)
        }
      }
    }
    for (const child of getChildNodes(node as Parameters<typeof getChildNodes>[0]) ?? []) visit(child)
  }
  visit(parse(text))
  return found
}

test('no text of the store becomes an element, an attribute or a header, and no secret is shown', async ({
  pool,
  served,
}) => {
  await fill(pool, markup)
  configure(served, markup)
  const forms = secrets.flatMap(formsOf)
  let shown = 0
  const faults: string[] = []
  const visit = async (origin: string, address: string) => {
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'evil' }
    const { status, headers: answered, text } = await send(origin, address, headers)
    const isOperator = origin === served.operatorUrl
    const check = (isRight: boolean, what: string) => {
      if (!isRight) faults.push(`${isOperator ? 'operator' : 'public'} ${address.slice(0, 60)}: ${what}`)
    }
    const type = String(answered['content-type'])
    const isPage = type.startsWith('text/html')
    check(status < 500, `${status} ${text.slice(0, 300)}`)
    check(text === '' || types.test(type), type)
    if (isPage) for (const part of foreignPartsOf(text)) check(false, part)
    check(!/html|xml/.test(type) || !text.includes('\u202e'), 'it changes the direction of what follows')
    if (isPage && text.includes('&lt;xss-canary')) shown++
    check(/json|css|javascript|^text\/plain/.test(type) || !text.includes('<xss-canary'), 'the text is not escaped')
    const all = text + JSON.stringify(answered)
    check(!/evil/i.test(all), 'it has the Host of the request')
    for (const form of forms) check(!all.includes(form), `it has the secret, as ${form}`)
    check(String(answered['content-security-policy']).includes("default-src 'none'"), 'no policy')
    check(answered['x-content-type-options'] === 'nosniff', 'no nosniff')
    check(answered['x-powered-by'] === undefined, 'it names Express')
    // A reader of the feed asks whether it has changed: no-cache.
    const isAsset = /^\/[\w.-]+\.(css|mjs|js)/.test(address)
    check(
      !isOperator || isAsset || /no-store|no-cache/.test(String(answered['cache-control'])),
      'an operator’s page can be cached',
    )
  }
  for (const origin of [served.url, served.operatorUrl]) {
    await Promise.all(addressesOf(served, markup).map(address => visit(origin, address)))
  }
  expect(faults).toEqual([])
  const refused = await send(served.url, '/', { host: 'evil.example' })
  expect(refused.status).toBe(421)
  expect(refused.text + JSON.stringify(refused.headers)).not.toContain('evil')
  // The walk has seen pages with the texts.
  expect(shown).toBeGreaterThan(5)
  expect(served.errors).toEqual([])
})

const types = /^(text\/(html|css|javascript|plain)|application\/([\w.-]+\+)?(json|xml)|image\/svg\+xml)/

test('a name with a line break becomes no header', async ({ pool, served }) => {
  const name = 'x\r\nX-Injected: 1'
  await fill(pool, name)
  configure(served, name)
  for (const origin of [served.url, served.operatorUrl]) {
    const sent = addressesOf(served, name).map(async address => ({ address, ...(await send(origin, address)) }))
    const wrong = (await Promise.all(sent)).filter(({ status, headers }) => status >= 500 || 'x-injected' in headers)
    expect(wrong.map(({ address, status }) => [address, status])).toEqual([])
  }
  expect(served.errors).toEqual([])
})

test('no path leads to another file, and each error has the headers of the pages', async ({ served }) => {
  const paths = [
    '/../../package.json',
    '/%2e%2e/%2e%2e/package.json',
    '/..%2f..%2fpackage.json',
    '/page.css/../../../package.json',
    '/page.css%2f..%2f..%2f..%2fpackage.json',
    '/page.css%00',
    '/..%5c..%5cpackage.json',
    '/status-page.ts',
    '/reports/..%2f..%2f..%2fpackage.json',
    '/badges/..%2f..%2fpackage.json.svg',
    '/%',
    '/%ff',
    '/api/%ff',
    '//evil.example/%2f..',
    '/checks/%00',
  ]
  for (const path of paths) {
    const { status, headers, text } = await send(served.url, path)
    expect.soft([path, status >= 400 && status < 500]).toEqual([path, true])
    expect.soft(text, path).not.toMatch(/"reprise"|import express/)
    expect.soft(headers.location, path).toBeUndefined()
    expect.soft(headers['content-security-policy'], path).toContain("default-src 'none'")
    expect.soft(headers['x-content-type-options'], path).toBe('nosniff')
    expect.soft(headers['cache-control'], path).toBe(path.startsWith('/badges/') ? 'max-age=60' : 'no-store')
  }
  expect(served.errors).toEqual([])
})

test('large and malformed bodies are refused, and HEAD is a GET without a body', async ({ served }) => {
  const posts = served.routes.filter(({ method, path }) => method === 'post' && path.startsWith('/api/'))
  expect(posts.length).toBeGreaterThan(0)
  for (const { path } of posts) {
    const address = path.replace(/:\w+/g, '1')
    for (const body of [`{"a":"${'x'.repeat(100_000)}"}`, '['.repeat(10_000), '{"__proto__":{"a":1}}', 'null']) {
      const { status, headers } = await send(
        served.operatorUrl,
        address,
        { 'content-type': 'application/json' },
        'POST',
        body,
      )
      expect.soft([address, status >= 400 && status < 500], body.slice(0, 30)).toEqual([address, true])
      expect.soft(headers['content-type'], address).toBe('application/problem+json')
    }
    const { status } = await send(served.url, address, { 'content-type': 'application/json' }, 'POST', '{}')
    expect.soft([address, status], 'as a visitor').toEqual([address, expect.any(Number)])
    expect.soft(status).toBeGreaterThanOrEqual(400)
  }
  for (const path of ['/', '/api/checks', '/leaks', '/page.css']) {
    const [got, head] = [await send(served.url, path), await send(served.url, path, {}, 'HEAD')]
    expect.soft([path, head.status, head.text]).toEqual([path, 200, ''])
    expect.soft(head.headers['content-type']).toBe(got.headers['content-type'])
  }
  for (const method of ['TRACE', 'PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
    for (const path of ['/', '/api/checks', '/checks/x']) {
      const { status, headers } = await send(served.url, path, {}, method)
      expect.soft([method, path, status, headers.allow]).toEqual([method, path, 405, 'GET, HEAD'])
    }
  }
  expect(served.errors).toEqual([])
})
