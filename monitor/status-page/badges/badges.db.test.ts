import { expect } from '@playwright/test'
import { test } from '../../testing/status-page-fixture.ts'
import { monitor, replay } from '../../testing/store-fixture.ts'
import { badgeSvg } from './badge.ts'

const get = async (url: string, init: RequestInit = {}) => {
  const response = await fetch(url, init)
  return { status: response.status, headers: response.headers, text: await response.text() }
}
const titleOf = ({ text }: { text: string }) => /<title>([^<]*)<\/title>/.exec(text)?.[1]

test('a badge shows the state, uptime or latency of a check in words', async ({ pool, served: { url } }) => {
  await monitor(pool, { name: 'users.v2' }, { name: 'orders' })
  for (const secondsAgo of [500, 400, 300]) await replay(pool, 'users.v2', secondsAgo, 'passed')
  await replay(pool, 'users.v2', 200, 'failed')
  const badge = async (path: string) => get(`${url}/badges/${path}`)
  expect(titleOf(await badge('users.v2.svg'))).toBe('users.v2: up, failing')
  expect(titleOf(await badge('users.v2.svg?show=uptime&days=2'))).toBe('users.v2 uptime, 2 d: 75.00 %')
  expect(titleOf(await badge('users.v2.svg?show=latency'))).toMatch(/^users\.v2 p95, 30 d: 1[123] ms$/)
  expect(titleOf(await badge('orders.svg'))).toBe('orders: unknown')
  expect(titleOf(await badge('orders.svg?show=uptime'))).toBe('orders uptime, 30 d: no data')
  const missing = await badge('%3Cscript%3E.svg')
  expect([missing.status, titleOf(missing)]).toEqual([404, '&lt;script&gt;: not found'])
  const wrong = await badge('orders.svg?show=status')
  expect([wrong.status, JSON.parse(wrong.text).detail]).toEqual([
    400,
    'The query parameter show is "status": write state, uptime or latency.',
  ])
})

test('a badge can be cached, compared and shown by other sites', async ({ pool, served: { url } }) => {
  await monitor(pool, { name: 'users' })
  const { status, headers, text } = await get(`${url}/badges/users.svg`)
  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('image/svg+xml; charset=utf-8')
  expect(headers.get('cache-control')).toBe('max-age=60')
  expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  expect(text).toContain('role="img" aria-label="users: unknown"')
  const again = await get(`${url}/badges/users.svg`, {
    headers: { 'if-none-match': String(headers.get('etag')), 'cache-control': 'max-age=0' },
  })
  expect([again.status, again.text]).toEqual([304, ''])
  const head = await get(`${url}/badges/users.svg`, { method: 'HEAD' })
  expect([head.status, head.text]).toEqual([200, ''])
})

test('a check in maintenance is not up', async ({ pool, served }) => {
  await monitor(pool, { name: 'users' })
  await replay(pool, 'users', 60, 'passed')
  served.inForce = { ...served.inForce, isInMaintenance: () => true }
  expect(titleOf(await get(`${served.url}/badges/users.svg`))).toBe('users: in maintenance')
})

test('texts are escaped and shortened, and characters that XML cannot contain are replaced', () => {
  const svg = badgeSvg({ label: `<a href="x">'&\u0007`, message: 'x'.repeat(500), tone: 'good' })
  expect(titleOf({ text: svg })).toBe(`&lt;a href=&quot;x&quot;&gt;&apos;&amp;\ufffd: ${'x'.repeat(99)}…`)
})
