/** Operators act in a real browser, whose headers, cookies and policies decide what works. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, mergeTests } from '@playwright/test'
import type pg from 'pg'
import { test as browserTest, expectAccessible, takePicture } from '../../../testing/browser-fixture.ts'
import { readActions } from '../../store/actions.ts'
import { openLedger, releaseLedger, writeEntries } from '../../store/ledgers.ts'
import { test as base } from '../../testing/status-page-fixture.ts'
import { monitor, replay } from '../../testing/store-fixture.ts'

const test = mergeTests(base, browserTest)

// In one worker, because they share its browser.
test.describe.configure({ mode: 'default' })

const token = 'a-token-of-the-operators'

test('an operator signs in and acts without JavaScript, and axe finds nothing', async ({
  pool,
  served,
  chromiumBrowser,
}, testInfo) => {
  const long = 'a-check-with-quite-a-long-name.of.the-kind-that-people-write'
  await monitor(pool, { name: 'users', channels: ['oncall', 'desk'] }, { name: 'orders' }, { name: long })
  for (const seconds of [120, 60]) await replay(pool, 'users', seconds, 'failed')
  served.admit({ token })
  const context = await chromiumBrowser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  await page.goto(`${served.url}/sign-in?next=/incidents/1`)
  await takePicture(page, testInfo, 'sign-in')
  await page.getByLabel('Your name').fill('Ada Löve')
  await page.getByLabel('Token').fill('wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert')).toHaveText('This is not the token of the operators.')
  await expect(page.getByLabel('Your name')).toHaveValue('Ada Löve')
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()

  await expect(page).toHaveURL(`${served.url}/incidents/1`)
  await page.getByRole('button', { name: 'Acknowledge' }).click()
  await expect(page.getByRole('region', { name: 'Actions' }).getByText('Acknowledged by Ada Löve')).toBeVisible()
  await page
    .getByLabel('Note')
    .fill(
      `The new index is missing on the replica.\nThe team rolls back to 2.36.1: https://${'x'.repeat(300)}.example/`,
    )
  await page.getByRole('button', { name: 'Add note' }).click()
  const note = page.getByRole('listitem').filter({ hasText: /Ada Löve notes:/ })
  await expect(note).toHaveText(/replica\.\nThe team rolls back/, { useInnerText: true })

  await page.goto(`${served.url}/checks/users`)
  await page.getByLabel('No alerts for').selectOption('4 hours')
  await page.getByRole('button', { name: 'Mute' }).click()
  await expect(page.getByText('Muted by Ada Löve until')).toBeVisible()
  await page.getByRole('button', { name: 'Run now' }).click()

  await page.goto(served.url)
  await page.getByText('Maintenance and mutes').click()
  await page.getByLabel('Which checks').first().selectOption('orders')
  await page.getByLabel('Reason').first().fill('new disks')
  await page.getByRole('button', { name: 'Open' }).click()
  await page.goto(`${served.url}/actions`)
  await expect(page.getByRole('heading', { level: 3 })).toHaveText(['orders', 'Check users'])
  await page.getByRole('button', { name: 'Mute channel oncall for 1 hour' }).click()
  await page.getByRole('listitem').filter({ hasText: 'Check users' }).getByRole('button', { name: 'Unmute' }).click()
  await expect(page.getByRole('heading', { level: 3 })).toHaveText(['orders', 'Channel oncall'])
  const actions = page.getByRole('region', { name: 'What operators did' })
  await expect(actions.getByRole('row')).toHaveCount(8)
  await expect(actions.getByText('noted on')).toHaveText(/replica\.\nThe team rolls back/, { useInnerText: true })
  // Whatever was written, all of it can be read without scrolling sideways.
  expect(await actions.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0)
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('#content')).toBeFocused()
  const log = (await readActions(pool, 50)).map(({ operator, kind, subject }) => `${operator} ${kind} ${subject}`)
  expect(log.reverse()).toEqual(
    ['acknowledge 1', 'note 1', 'mute users', 'run users', 'maintain 1', 'mute oncall', 'unmute users'].map(
      did => `Ada Löve ${did}`,
    ),
  )
  const storageState = await context.storageState()
  await leaveThing(pool)
  await leaveMessages(pool)

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [360, 1280]) {
      const looking = await chromiumBrowser.newContext({ storageState, colorScheme, viewport: { width, height: 800 } })
      const look = await looking.newPage()
      const complaints: string[] = []
      look.on('console', message => complaints.push(message.text()))
      for (const path of ['/alerts', '/actions', '/incidents/1', '/leaks', '/sign-in', '/']) {
        await look.goto(served.url + path)
        for (const summary of await look.locator('summary').all()) await summary.click()
        // Once a colour and a width: of their other two pairs, axe would see what it has seen.
        if ((colorScheme === 'light') === (width === 360)) await expectAccessible(look)
        expect(await look.evaluate('document.documentElement.scrollWidth'), path).toBe(width)
        await takePicture(look, testInfo, `${path.replace(/\W/g, '') || 'overview'}-${colorScheme}-${width}`)
      }
      expect(complaints).toEqual([])
      await looking.close()
    }
  }

  await page.goto(`${served.url}/sign-in`)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(`${served.url}/`)
  await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible()
  await page.goto(`${served.url}/actions`)
  await expect(page.getByText('Only operators can do this')).toBeVisible()
  await context.close()
})

/** Messages that wait, were given up, or were delivered; and a pause. */
async function leaveMessages(pool: pg.Pool): Promise<void> {
  await pool.query(
    `update reprise.outbox set attempts = 7, failing_since = now() - interval '42 min', last_failure = 'answered 503',
            next_attempt = now() + interval '4 min', last_error = 'Channel ' || channel || ' answered 503 Service Unavailable: upstream connect error or disconnect/reset before headers. reset reason: overflow'`,
  )
  await pool.query(
    `insert into reprise.outbox (stream, incident, channel, position, message, attempts, created_at, dead_at, failing_since, last_failure, last_error)
     select 'incident 9', 9, 'desk', 1, message || '{"incident":9}', 288, now() - interval '27 h', now() - interval '2 h', now() - interval '26 h',
            'answered 400', 'Channel desk answered 400 Bad Request: invalid_blocks' from reprise.outbox order by id limit 1`,
  )
  await pool.query(
    `insert into reprise.outbox (stream, incident, channel, position, message, attempts, created_at, delivered_at, remark)
     select 'incident ' || n, n, 'mail', 1, message || jsonb_build_object('incident', n), 1 + n % 2, now() - n * interval '3 h', now() - n * interval '3 h' + interval '4 s',
            case when n = 10 then 'gone@example.com was rejected: 550 5.1.1 The email account that you tried to reach does not exist' end
       from generate_series(10, 14) n, (select message from reprise.outbox order by id limit 1) one`,
  )
  await pool.query(
    `insert into reprise.channel_pauses values ('oncall', now(), now() + interval '12 min', 'answered 429')`,
  )
}

/** A replay has created a thing, and its run has ended without removing it. */
async function leaveThing(pool: pg.Pool): Promise<void> {
  const [run, holder, id] = [randomUUID(), randomUUID(), randomUUID()]
  const [environment, url] = ['production', 'https://api.example.com/v1/orders']
  const intent = {
    id,
    environment,
    url,
    at: new Date().toISOString(),
    check: 'orders',
    method: 'POST',
    timeoutMs: 1000,
  }
  await openLedger(pool, { run, environment, settings: { baseURL: 'https://api.example.com/v1/' } }, holder)
  await writeEntries(pool, run, holder, [
    { entry: 'intent', intent: { ...intent, replay: 'r', token: 't' } },
    { entry: 'created', id, things: [{ remove: [{ send: `DELETE ${url}/7` }] }] },
  ])
  await releaseLedger(pool, run, holder)
}

test('a page of another site cannot act in the name of an operator', async ({ pool, served, chromiumBrowser }) => {
  await monitor(pool, { name: 'users' })
  served.admit({ token })
  const page = await chromiumBrowser.newPage()
  await page.goto(`${served.url}/sign-in`)
  await page.getByLabel('Your name').fill('Ada')
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  // Of the same host, so that the cookie is sent: another port is another origin.
  const form = `<form method="post" action="${served.url}/actions/checks/users/mute"><input name="for" value="1h"><button>Win a prize</button></form>`
  const elsewhere = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(form))
  await once(elsewhere.listen(0, '127.0.0.1'), 'listening')
  await page.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`)
  await page.getByRole('button', { name: 'Win a prize' }).click()
  await expect(page.getByText('This request did not come from a page of this monitor')).toBeVisible()
  expect(await readActions(pool, 1)).toEqual([])
  await page.close()
  elsewhere.close()
})
