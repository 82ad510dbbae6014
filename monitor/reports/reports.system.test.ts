/** Tests the reports of real runs in a real browser, from the stored evidence. */
import { exec } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, mergeTests } from '@playwright/test'
import { browserUse, findChromium } from '../../fixtures/browser/chromium.ts'
import { expectAccessible, takePicture, test as withBrowser } from '../../testing/browser-fixture.ts'
import { childEnvironment } from '../../testing/child-environment.ts'
import { shownTests } from '../../testing/nested-monitor/html-report.ts'
import { test as withProject } from '../../testing/nested-monitor/nested-monitor.ts'
import { textsIn } from '../../testing/nested-monitor/texts.ts'
import { loadConfiguration } from '../config/load-configuration.ts'
import { replay } from '../replay/replay.ts'
import { test as withReports } from '../testing/reports-fixture.ts'

const documentation = path.join(import.meta.dirname, '../../docs/status-page.md')

const test = mergeTests(withReports, withProject, withBrowser)

test.skip(!findChromium(), 'No browser was found.')

test('an operator opens the report of a failed run and its trace, which run no script of the service', async ({
  serve,
  project,
  serveReports,
  chromiumBrowser,
}) => {
  const canary = 'canary/4711+="x'
  const hostile = (from: string) =>
    `<img src="x" onerror="top.ran='${from}';self.ran='${from}'"><script>self.ran='${from}';top.ran='${from}'</script>`
  const service = await serve((request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(`<title>Shop</title><h1>Orders ${request.headers.authorization ?? ''}</h1>${hostile('snapshot')}`)
  })
  const title = `<script>self.ran='title'</script>orders are shown`
  const monitor = await project(service, {
    environment: { headers: { authorization: 'Bearer ${secret:' + 'CANARY}' } },
    checks: { orders: { specs: 'a.spec.ts' } },
    files: {
      'a.spec.ts': `test(${JSON.stringify(title)}, async ({ page }, info) => {
        await page.goto('/')
        await info.attach('body.html', { body: ${JSON.stringify(hostile('attachment'))}, contentType: 'text/html' })
        await expect(page.getByRole('heading')).toHaveText('No orders', { timeout: 100 })
      })`,
    },
    playwright: { use: { trace: 'on', ...browserUse() } },
  })
  const configuration = await loadConfiguration(monitor.folder)
  const [environment] = Object.values(configuration.environments)
  if (!environment) throw new Error('There is no environment.')
  const document = await replay({
    ...{ configuration, name: 'production', environment, checks: configuration.checks, format: 'archive' },
    env: childEnvironment({ CANARY: canary }),
    asked: new Promise(() => undefined),
    complain: () => undefined,
  })
  // On a busy machine, it is an error of the monitor.
  expect(['failed', 'error']).toContain(document.checks[0]?.outcome)
  expect(await readdir(path.join(monitor.folder, '.reprise/runs', document.run))).toEqual([
    'evidence.zip',
    'outcomes.json',
  ])

  const served = await serveReports({ folder: monitor.folder, store: 'postgres' })
  await served.evidence.upload()
  expect(await readdir(path.join(monitor.folder, '.reprise/runs'))).toEqual([])

  const context = await chromiumBrowser.newContext()
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
  await page.goto(`${served.url}/reports/${document.run}`)
  expect(page.url()).toMatch(
    new RegExp(`^http://r[0-9a-f]{31}\\.localhost:\\d+/[0-9a-z]+-[0-9a-f]{40}/${document.run}/$`),
  )
  await page.getByRole('link', { name: /orders are shown/ }).click()
  await expect(page.getByText('No orders').first()).toBeVisible()
  await takePicture(page, test.info(), 'report')
  const violations = () => complaints.filter(text => !text.startsWith('Failed to load resource'))
  expect(violations()).toEqual([])
  await page.getByRole('link', { name: /trace/i }).first().click()
  await expect(page.getByText('Navigate').first()).toBeVisible()
  const shown = page.frameLocator('iframe.snapshot-visible')
  await expect(shown.getByRole('heading')).toContainText('Orders')
  await takePicture(page, test.info(), 'trace')
  for (const frame of page.frames()) expect(await frame.evaluate('self.ran')).toBeUndefined()
  expect(violations()).toEqual([])

  // Another instance, whose reports share an origin.
  const shared = await serveReports({
    ...{ folder: monitor.folder, store: 'postgres', publicUrl: port => `http://localhost:${port}` },
  })
  await page.goto(`${shared.url}/reports/${document.run}`)
  expect(page.url()).toMatch(new RegExp(`^http://localhost:\\d+/[0-9a-z]+-[0-9a-f]{40}/${document.run}/$`))
  await page.getByRole('link', { name: /orders are shown/ }).click()
  await page.getByRole('link', { name: /trace/i }).first().click()
  await expect(shown.getByRole('heading')).toContainText('Orders')
  expect(violations()).toEqual([])

  // Where traces cannot be shown.
  const plain = await serveReports({ folder: monitor.folder, publicUrl: () => 'http://reports.example.com' })
  await page.goto(`${plain.url}/reports/${document.run}`)
  await expect(page.getByRole('link', { name: 'Download the evidence' })).toHaveAttribute(
    'href',
    `/reports/${document.run}/evidence.zip`,
  )
  await page.setViewportSize({ width: 360, height: 700 })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expectAccessible(page)
  }
  await context.close()

  // The download, by the commands of the documentation.
  const archive = await fetch(`${served.url}/reports/${document.run}/evidence.zip`)
  await writeFile(path.join(monitor.folder, 'evidence.zip'), Buffer.from(await archive.arrayBuffer()))
  const commands = /```sh\n(unzip[\s\S]*?merge-reports.*)\n/.exec(await readFile(documentation, 'utf8'))?.[1] ?? 'false'
  await promisify(exec)(commands, {
    cwd: monitor.folder,
    // By default it is beside a package.json.
    env: childEnvironment({ PLAYWRIGHT_HTML_OUTPUT_DIR: path.join(monitor.folder, 'playwright-report') }),
  })
  expect((await shownTests(path.join(monitor.folder, 'playwright-report/index.html'))).map(test => test.title)).toEqual(
    [title],
  )

  // The report and what is stored, whose archives are now in the folder.
  for (const name of ['.reprise', 'evidence', 'playwright-report']) {
    const texts = await textsIn(path.join(monitor.folder, name))
    expect([name, texts.some(text => text.includes('Bearer [CANARY]'))]).toEqual([name, true])
    for (const form of [canary, JSON.stringify(canary).slice(1, -1), encodeURIComponent(canary)]) {
      expect([name, form, texts.some(text => text.includes(form))]).toEqual([name, form, false])
    }
    const base64 = Buffer.from(`Bearer ${canary}`).toString('base64').slice(12, -4)
    expect([name, texts.some(text => text.includes(base64))]).toEqual([name, false])
  }
})
