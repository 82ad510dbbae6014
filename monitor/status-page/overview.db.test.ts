/** The overview over HTTP: history, filter, groups and pages. */
import { once } from 'node:events'
import { get } from 'node:http'
import { expect } from '@playwright/test'
import { timetable } from '../schedule/timetable.ts'
import { type FilledCheck, fillHistory } from '../testing/history-fixture.ts'
import { test } from '../testing/status-page-fixture.ts'

const textOf = async (url: string) => (await fetch(url)).text()
/** Names of the shown checks and the headings of their groups, in the order of the page. */
const headingsOf = (page: string) =>
  [...page.matchAll(/<h[34]>(?:<a class="name"[^>]*>)?([^<]+)(?:<\/a>)?<\/h[34]>/g)].map(([, text]) => text)

test('checks are grouped, and filtered by name, state, tag and environment', async ({ pool, served }) => {
  await fillHistory(pool, served)
  const shown = async (query: string) => headingsOf(await textOf(`${served.url}/?${query}`))
  const long = 'a-check-with-quite-a-long-name.of.the-kind-that-people-write'
  expect(await shown('')).toEqual(['checkout', 'search', long, 'nightly-export', 'sign-in', 'users'])
  expect(await shown('group=tag')).toEqual([
    ...['@account', 'sign-in', 'users', '@jobs', 'nightly-export', '@shop', 'checkout', 'search'],
    ...['Without a tag', long],
  ])
  expect(await shown('group=environment')).toEqual([
    ...['production', 'checkout', 'search', 'nightly-export', 'sign-in', 'users', 'staging', long],
  ])
  expect(await shown('group=state&q=N')).toEqual(['Unknown', long, 'In maintenance', 'nightly-export', 'Up', 'sign-in'])
  expect(await shown('tag=%40account')).toEqual(['sign-in', 'users'])
  expect(await shown('tag=%40smoke&state=up')).toEqual(['users'])
  expect(await shown('environment=staging')).toEqual([long])
  // What cannot be read is left out, and text is text.
  expect(await shown('state[]=up&q[a]=1&group=nothing&page=-1&state=no')).toHaveLength(6)
  const page = await textOf(`${served.url}/?q=${encodeURIComponent('"><script>alert(1)</script>')}`)
  expect(page).toContain('No check matches.')
  expect(page).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"')
  expect(page).not.toContain('<script>')
})

test('with 1000 checks the page shows those in trouble first, in pages, in less than 150 kB with all it loads', async ({
  pool,
  served,
}) => {
  const checks = Array.from({ length: 1000 }, (_, index): FilledCheck => {
    const isDown = index % 20 === 7
    const name = `check-${String(index).padStart(4, '0')}-of-a-larger-service`
    return { name, state: isDown ? 'down' : 'up', days: isDown ? 90 : 0, tags: [`@team-${index % 30}`] }
  })
  await fillHistory(pool, served, checks)
  const times = timetable(checks.map(({ name }) => ({ name, cron: '*/5 * * * *', timezone: 'UTC' })))
  served.inForce = { ...served.inForce, timetable: times }
  const page = await textOf(served.url)
  times.close()
  const names = headingsOf(page)
  expect(names).toHaveLength(50)
  expect(page).toContain('50 of 1000 checks are down')
  expect(page).toMatch(/and 45 more\./)
  expect(page).toContain('<a href="/?page=2" aria-label="Page 2">2</a>')
  expect(headingsOf(await textOf(`${served.url}/?page=20`))).toHaveLength(50)
  expect(headingsOf(await textOf(`${served.url}/?page=999`))).toEqual(
    headingsOf(await textOf(`${served.url}/?page=20`)),
  )
  const loaded = [...page.matchAll(/(?:href|src)="(\/[\w.]+\.(?:css|mjs))"/g)].map(([, path]) => path)
  expect(loaded).toContain('/live.mjs')
  let bytes = 0
  for (const path of ['/', ...loaded]) bytes += await bytesOnWire(served.url + path)
  expect(bytes).toBeLessThan(150_000)
})

/** Of the response, with its head. */
async function bytesOnWire(url: string): Promise<number> {
  const request = get(url, { headers: { 'accept-encoding': 'gzip, deflate, br' }, agent: false })
  const [response] = await once(request, 'response')
  response.resume()
  await once(response, 'end')
  return response.socket.bytesRead
}
