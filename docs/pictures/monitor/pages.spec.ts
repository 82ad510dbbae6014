/** Pictures of the status page and of an incident, over a past that is filled in. */
import path from 'node:path'
import { mergeTests } from '@playwright/test'
import { fillHistory } from '../../../monitor/testing/history-fixture.ts'
import { realPast } from '../../../monitor/testing/incident-scenario.ts'
import { test as pageTest } from '../../../monitor/testing/status-page-fixture.ts'
import { test as browserTest } from '../../../testing/browser-fixture.ts'

const test = mergeTests(pageTest, browserTest)
const picture = (name: string) => path.join(import.meta.dirname, '..', `${name}.png`)

test('the status page', async ({ pool, served, chromiumBrowser }) => {
  await fillHistory(pool, served)
  const page = await chromiumBrowser.newPage({ colorScheme: 'light', viewport: { width: 960, height: 900 } })
  await page.goto(served.url)
  await page.screenshot({ path: picture('status-page') })
})

test('an incident', async ({ pool, served, chromiumBrowser }) => {
  await realPast(pool)
  const page = await chromiumBrowser.newPage({ colorScheme: 'light', viewport: { width: 960, height: 900 } })
  await page.goto(`${served.operatorUrl}/incidents/5`)
  await page.screenshot({ path: picture('incident') })
})
