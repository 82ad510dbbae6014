/** Tests in a real browser what a script in a report can read: a stand-in for a fault in Playwright's own pages. */
import { expect, mergeTests, type Page } from '@playwright/test'
import { test as withBrowser } from '../../testing/browser-fixture.ts'
import { type ServedReports, test as withReports, writePage } from '../testing/reports-fixture.ts'

const test = mergeTests(withReports, withBrowser)

const own = '20261130T001146Z-a1b2c3d4e5f6'
const other = '20261130T001147Z-f6e5d4c3b2a1'

/** Evaluated in a page: the ways in which it reads what is at the URL. */
const readable = (url: string) => `(async url => {
  const ways = {
    fetch: async () => (await fetch(url)).text(),
    'fetch without CORS': async () => (await fetch(url, { mode: 'no-cors' })).text(),
    XMLHttpRequest: () => new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      request.onload = () => resolve(request.responseText)
      request.onerror = reject
      request.open('GET', url)
      request.send()
    }),
    frame: () => new Promise((resolve, reject) => {
      const frame = document.createElement('iframe')
      frame.onload = () => resolve(frame.contentDocument?.body?.textContent)
      document.addEventListener('securitypolicyviolation', reject)
      frame.src = url
      document.body.append(frame)
    }),
    window: async () => {
      const opened = open(url)
      for (let turn = 0; opened && turn < 20; turn++) {
        await new Promise(resolve => setTimeout(resolve, 25))
        const text = opened.document?.body?.textContent
        if (text) return text
      }
    },
    script: () => new Promise((resolve, reject) => {
      const script = document.createElement('script')
      script.onload = () => resolve('loaded')
      script.onerror = reject
      script.src = url
      document.body.append(script)
    }),
    beacon: async () => navigator.sendBeacon(url) && new Promise((resolve, reject) => {
      document.addEventListener('securitypolicyviolation', reject)
      setTimeout(resolve, 100, 'sent')
    }),
  }
  const found = []
  for (const [name, read] of Object.entries(ways)) {
    const text = await read().catch(() => undefined)
    if (text) found.push(name)
  }
  return found
})(${JSON.stringify(url)})`

/** Opens a report as an operator does, and returns its URL. */
async function openReport(served: ServedReports, page: Page, run: string): Promise<string> {
  const { status } = Object(await page.goto(`${served.url}/reports/${run}`))
  if (!/^http:\/\/127/.test(page.url())) return page.url()
  expect(status()).toBe(200)
  await page.getByRole('link', { name: 'Open the report' }).click()
  return page.url()
}

for (const [kind, publicUrl] of [
  ['an origin of each report', undefined],
  // As of a proxy without wildcards; the port stands for it.
  ['an origin that all reports share', (port: number) => `http://localhost:${port}`],
] as const) {
  test(`with ${kind}, a script in one reads neither another one nor the status page`, async ({
    folder,
    serveReports,
    chromiumBrowser,
  }) => {
    const files = {
      'data/evil.html':
        '<p>attached<script>document.title = "ran"</script><img src=x onerror="document.title = \'ran\'">',
      'data/evil.svg':
        '<svg xmlns="http://www.w3.org/2000/svg"><script>document.documentElement.id = "ran"</script></svg>',
      'index.html': '<!doctype html><title>Report</title><p>The report<script>document.title = "ran"</script>',
    }
    await writePage(folder, own, files)
    await writePage(folder, other)
    const served = await serveReports({ folder, ...(publicUrl && { publicUrl }) })
    const context = await chromiumBrowser.newContext()
    const [page, second] = [await context.newPage(), await context.newPage()]
    const theirs = await openReport(served, second, other)
    const mine = await openReport(served, page, own)
    // The test can tell: its own files it does read.
    expect(await page.evaluate(readable(mine))).toEqual(expect.arrayContaining(['fetch', 'XMLHttpRequest']))
    for (const url of [theirs, `${served.url}/`, `${served.url}/reports/${other}`, `${served.url}/api/checks`]) {
      expect([url, await page.evaluate(readable(url))]).toEqual([url, []])
    }
    expect(await page.evaluate('opener')).toBeNull()
    // Attachments are shown, and run nothing.
    for (const name of ['data/evil.html', 'data/evil.svg']) {
      await page.goto(`${mine}${name}`)
      expect([name, await page.title(), await page.evaluate('document.documentElement.id')]).toEqual([name, '', ''])
      expect([name, await page.evaluate('origin')]).toEqual([name, 'null'])
    }
    await context.close()
  })
}
