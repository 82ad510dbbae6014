/** Executes the code blocks of monitor.md, and compares its table of settings with the code. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, mergeTests } from '@playwright/test'
import { configurationOf } from '../monitor/config/configuration.ts'
import { monthsAway } from '../monitor/testing/months-away.ts'
import { test as withServer } from '../postgres/testing/server-fixture.ts'
import { test as withProject } from '../testing/nested-monitor/nested-monitor.ts'
import { root } from '../testing/project-folder.ts'
import { blocksOf } from './readme/blocks.ts'
import { type Clone, makeClone } from './readme/clone.ts'
import { type Shell, startShell } from './readme/shell.ts'

const page = readFileSync(path.join(root, 'docs/monitor.md'), 'utf8')
/** Of its check orders. */
const cron = '*/5 * * * *'
const blocks = blocksOf(page)
// At a due time during the test, Tokyo would miss a slot, since no monitor runs there.
const config = blocks.find(({ language }) => language === 'ts')?.text.replace(cron, monthsAway()) ?? ''
const lines = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n'))

const spec = `
  import { expect, test } from 'reprise'
  test('answers', async ({ request }) => { expect((await request.get('/')).status()).toBe(200) })`

const test = mergeTests(withServer, withProject).extend<{ clone: Clone; shell: (line: string, env?: object) => Shell }>(
  {
    clone: async ({}, use) => {
      const clone = await makeClone({
        'shop/monitor.config.ts': config,
        'shop/playwright.config.ts': 'export default {}',
        'shop/orders.spec.ts': spec,
        'shop/reports.spec.ts': spec,
      })
      await use(clone)
      await clone.remove()
    },
    shell: async ({ clone, emptyDatabase }, use) => {
      const started: Shell[] = []
      await use((line, env) => {
        // Replaces only the paths and the URL of the database.
        const file = path.join(clone.folder, 'shop/monitor.config.ts')
        const here = line.replace(/postgres:\S+/, emptyDatabase.url)
        const option = / rehearse /.test(here) ? here.replace('monitor.config.ts', file) : `${here} --config ${file}`
        const secrets = { SMOKE_TOKEN: 'canary-4711', SLACK_URL: 'http://127.0.0.1:9/' }
        const shell = startShell(option, { cwd: root, env: { ...secrets, REPRISE_PORT: '0', ...env } })
        started.push(shell)
        return shell
      })
      await Promise.all(started.map(shell => shell.kill()))
    },
  },
)

test('the configuration is valid', async ({ shell }) => {
  const { code, output } = await shell('npx reprise monitor validate').result()
  expect(output).toContain('orders')
  expect(page).toContain(`orders: { specs: 'orders.spec.ts', cron: '${cron}'`)
  expect(code).toBe(0)
})

test('its shell commands work', async ({ shell, serve }) => {
  const [start = '', status = '', rehearse = '', ...more] = lines
  expect(more).toEqual([])
  const REPRISE_TARGET = await serve((_, response) => response.end())
  const frankfurt = shell(start, { REPRISE_TARGET })
  await frankfurt.says(/The monitor runs, with alerts muted/)
  const virginia = shell(start.replace('frankfurt', 'virginia'), { REPRISE_TARGET })
  // Two of three locations have to agree.
  await virginia.says(/orders is up/)
  expect(await shell(status).result()).toMatchObject({ code: 0, output: expect.stringMatching(/^orders +up/m) })
  expect(await shell(rehearse).result()).toMatchObject({ code: 0, output: expect.stringContaining('no incident') })
  for (const monitor of [frankfurt, virginia]) {
    monitor.interrupt()
    expect((await monitor.result()).output).toContain('Stopped.')
  }
})

// That it has all settings is in code-blocks.system.test.ts.
test('its table has the defaults of settings', () => {
  const environments = { production: { baseURL: 'https://api.example.com' } }
  const [check] = configurationOf('/a', { environments, checks: { a: { tag: '@a' } } }).checks
  expect(check).toMatchObject({
    timezone: cell('timezone'),
    timeoutMs: Number.parseInt(cell('timeout'), 10) * 1000,
    retries: Number(cell('retries')),
    locations: [cell('locations')],
    makeUpMissed: cell('makeUpMissed') === 'true',
  })
  const { down, up, everyMs } = check?.confirm ?? {}
  expect(cell('confirm')).toBe(`down ${down}, up ${up}, every ${Number(everyMs) / 1000}s`)
})

/** The default of a setting in the table. */
const cell = (name: string) =>
  new RegExp(`^\\| \`${name}\` +\\| (.*?) +\\|`, 'm').exec(page)?.[1]?.replaceAll('`', '') ?? ''
