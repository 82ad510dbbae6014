/** `npm run pictures`: makes the pictures of the README, from a test that fails and from pages of the monitor. */
import { spawnSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from '@playwright/test'
import { glob } from 'tinyglobby'
import { browserMissing, browserUse, findChromium } from '../../fixtures/browser/chromium.ts'

const found = findChromium()
if (!found) throw new Error(browserMissing)
const output = path.join(import.meta.dirname, '../../.reprise/pictures')
await rm(output, { recursive: true, force: true })
const cli = createRequire(import.meta.url).resolve('@playwright/test/cli')
const run = (folder: string) =>
  spawnSync(process.execPath, [cli, 'test', '-c', path.join(import.meta.dirname, folder)], { stdio: 'inherit' }).status
if (run('monitor') !== 0) throw new Error('The pages of docs/pictures/monitor could not be shown.')
// Its test fails.
run('demo')
const [page] = await glob('**/timeline.html', { cwd: output, absolute: true })
if (page === undefined) throw new Error('The test of docs/pictures/demo has left no timeline.html.')

const browser = await chromium.launch(browserUse(found).launchOptions)
const view = await browser.newPage({ colorScheme: 'light', viewport: { width: 960, height: 960 } })
await view.goto(pathToFileURL(page).href)
await view.screenshot({ path: path.join(import.meta.dirname, 'evidence.png') })
await browser.close()
