/** Builds the site of the documentation, and reads it as a browser does. */
import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { chromium, expect, test } from '@playwright/test'
import type { AxeResults } from 'axe-core'
import { glob } from 'tinyglobby'
import { browserUse, findChromium } from '../fixtures/browser/chromium.ts'
import { takePicture } from '../testing/browser-fixture.ts'
import { root } from '../testing/project-folder.ts'
import { startShell } from './readme/shell.ts'

let folder: string

// In one worker, so that the site is built once.
test.describe.configure({ mode: 'default' })

test.beforeAll(async () => {
  folder = await mkdtemp(path.join(root, '.reprise/site-'))
  const build = startShell(`npm run docs -- --outDir ${folder}`, { cwd: root })
  const { code, output } = await build.result()
  if (code !== 0) throw new Error(`The site was not built:\n${output.slice(-3000)}`)
})

test.afterAll(() => rm(folder, { recursive: true, force: true }))

test('every link leads to a page and a heading of the site', async () => {
  const files = await glob('**/*.html', { cwd: folder })
  expect(files).toEqual(expect.arrayContaining(['index.html', 'sandbox.html', 'decisions/index.html']))
  const pages = new Map<string, string>()
  for (const file of files) pages.set(`/${file}`, await readFile(path.join(folder, file), 'utf8'))
  const ids = new Map([...pages].map(([file, text]) => [file, valuesOf(text, 'id')]))
  for (const [file, text] of pages) {
    if (file === '/404.html') continue
    for (const href of [...valuesOf(text, 'href')].filter(href => !/^[a-z]+:/.test(href))) {
      const url = new URL(href, `http://site${file}`)
      const place = url.pathname.replace(/\/$/, '/index.html')
      if (/\.(css|js|woff2|svg)$/.test(place)) continue
      expect.soft([...pages.keys()], `${file} links to ${href}`).toContain(place)
      if (url.hash === '') continue
      const id = decodeURIComponent(url.hash.slice(1))
      expect.soft(ids.get(place) ?? new Set(), `${file} links to ${href}`).toContain(id)
    }
  }
})

test('pages are accessible in both colours and at both widths, load nothing from elsewhere, and can be searched', async () => {
  const installed = findChromium()
  test.skip(!installed, 'No browser was found.')
  const server = createServer((request, response) => {
    const file = new URL(request.url ?? '/', 'http://site').pathname.replace(/\/$/, '/index.html')
    const types = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html', '.svg': 'image/svg+xml' }
    response.setHeader('content-type', types[path.extname(file) as keyof typeof types] ?? 'application/octet-stream')
    createReadStream(path.join(folder, file))
      .on('error', () => response.writeHead(404).end())
      .pipe(response)
  }).listen(0, '127.0.0.1')
  const browser = await chromium.launch(browserUse(installed).launchOptions)
  try {
    const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    for (const { colorScheme, width, places } of [
      { colorScheme: 'light', width: 1280, places: ['/', '/comparison.html'] },
      { colorScheme: 'dark', width: 360, places: ['/isolation.html', '/'] },
    ] as const) {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' })
      const requested: string[] = []
      page.on('request', request => requested.push(request.url()))
      for (const place of places) {
        await page.goto(`${site}${place}`)
        await page.evaluate(axe)
        const { violations } = await page.evaluate<AxeResults>("axe.run({ resultTypes: ['violations'] })")
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        const found = serious.flatMap(({ id, nodes }) =>
          nodes.map(({ html, failureSummary }) => [id, html, failureSummary]),
        )
        expect.soft(found, `${place}, ${colorScheme}, ${width}`).toEqual([])
        expect.soft(await page.evaluate('document.documentElement.scrollWidth'), place).toBe(width)
        await takePicture(page, test.info(), `${place.replace(/\W/g, '')}-${colorScheme}-${width}`)
      }
      await page.waitForLoadState('networkidle')
      await page.getByRole('button', { name: 'Search' }).first().click()
      await page.getByRole('searchbox').fill('savepoint')
      await page.getByRole('option').filter({ hasText: 'sandbox' }).first().waitFor()
      expect(requested.filter(url => !url.startsWith(`${site}/`) && !url.startsWith('data:'))).toEqual([])
      await page.close()
    }
  } finally {
    await browser.close()
    server.close()
  }
})

/** The values of an attribute in HTML. */
function valuesOf(html: string, attribute: string): Set<string> {
  return new Set([...html.matchAll(new RegExp(` ${attribute}="([^"]*)"`, 'g'))].map(([, value = '']) => value))
}
