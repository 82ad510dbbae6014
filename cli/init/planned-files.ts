/** Writes the text of each file that `reprise init` adds to a project or changes in it. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Migrations, type Project, withoutComments } from './project.ts'

export interface Answers {
  /** Starts the service; undefined: `baseURL` is Playwright's. */
  appCommand: string | undefined
  /** The path that answers once the service is ready, such as `/health`. */
  readyPath: string
  migrations: Migrations['content'] | undefined
  /** The address of the deployed service. */
  url: string
}

export interface PlannedFile {
  readonly name: string
  /** The present text; undefined if there is no such file. */
  readonly before: string | undefined
  readonly after: string
  /** Why the file is left as it is, although something would be added: what to write by hand. */
  readonly byHand?: string
}

/** The files in the order in which they are shown. Those that exist and are not changed have the same text before and after. */
export async function planFiles(project: Project, answers: Answers): Promise<PlannedFile[]> {
  const read = (name: string) => readFile(path.join(project.folder, name), 'utf8').catch(() => undefined)
  const created = async (name: string, text: string): Promise<PlannedFile> => {
    const before = await read(name)
    return { name, before, after: before ?? text }
  }
  const folder = project.specFolder ?? 'e2e'
  return [
    await playwrightConfig(project, read),
    ...byHandOf(project),
    await created(`${folder}/test.ts`, binding(answers)),
    await created(`${folder}/service.spec.ts`, firstSpec(answers)),
    await created('monitor.config.ts', monitorConfig(answers.url, folder)),
    await manifest(read),
    await ignored(read),
  ]
}

type Read = (name: string) => Promise<string | undefined>

const globalSetup = "'reprise/global-setup'"

async function playwrightConfig({ playwrightConfig: name }: Project, read: Read): Promise<PlannedFile> {
  if (name === undefined) return { name: 'playwright.config.ts', before: undefined, after: newConfig }
  const before = (await read(name)) ?? ''
  const code = withoutComments(before)
  if (code.includes('reprise/global-setup')) return { name, before, after: before }
  const set = /\bglobalSetup\s*:\s*(require\.resolve\([^)]*\)|(['"])[^'"]*\2)/
  // A constant that is exported: `module.exports = config`.
  const constant = /^[ \t]*(?:export default|module\.exports =)\s*(\w+)[ \t]*;?[ \t]*\r?$/m.exec(code)?.[1]
  const starts = [
    'export default',
    'module\\.exports =',
    'PlaywrightTestConfig =',
    ...(constant ? [`const ${constant} =`] : []),
  ]
  const opening = new RegExp(`^(.*(?:defineConfig(?:<[^>]*>)?\\(\\s*\\{|(?:${starts.join('|')})\\s*\\{))`, 'm')
  /** The file with another text where the match in its code is. */
  const replaced = (found: RegExpExecArray, text: string) =>
    before.slice(0, found.index) + text + before.slice(found.index + found[0].length)
  const own = set.exec(code)
  if (own) return { name, before, after: replaced(own, `globalSetup: [${globalSetup}, ${own[1]}]`) }
  const begin = opening.exec(code)
  if (/\bglobalSetup\b/.test(code) || !begin)
    return { name, before, after: before, byHand: `add ${globalSetup} to its globalSetup` }
  const line = lineOf(before)
  const kept = before.slice(begin.index, begin.index + begin[0].length)
  return { name, before, after: replaced(begin, `${kept}${line}  globalSetup: ${globalSetup},`) }
}

/** What may have to change in files that are not edited, since they may have comments or be computed. */
function byHandOf({ playwrightConfig: name = '', specFolder, wideTsconfig }: Project): PlannedFile[] {
  const left = (file: string, byHand: string): PlannedFile => ({ name: file, before: '', after: '', byHand })
  return [
    ...(specFolder === undefined ? [left(name, 'its testDir is computed: move e2e/ to where it finds specs')] : []),
    ...(wideTsconfig === undefined
      ? []
      : [left(wideTsconfig, 'exclude e2e, playwright.config.ts and monitor.config.ts, or it compiles them too')]),
  ]
}

const newConfig = `import { defineConfig } from '@playwright/test'
import { redactedReport } from 'reprise/reporter'

export default defineConfig({
  testDir: 'e2e',
  // Starts one Postgres for the run, when a spec is loaded that may need it.
  globalSetup: ${globalSetup},
  fullyParallel: true,
  // Playwright's HTML report without credentials, and with a summary of the run: npx playwright show-report
  reporter: [['list'], ...redactedReport()],
  use: { trace: 'retain-on-failure' },
})
`

function binding({ appCommand, readyPath, migrations }: Answers): string {
  const app = `{ command: ${quoted(appCommand ?? 'node server.js')}, readyUrl: ${quoted(`http://127.0.0.1:$PORT${readyPath}`)} }`
  const content =
    typeof migrations === 'string'
      ? quoted(migrations)
      : `{ command: ${quoted(migrations?.command ?? 'npm run migrate')} }`
  const off = (unknown: boolean) => (unknown ? '// ' : '')
  return `/** Starts this project's service on a migrated database, for specs that import \`test\` from here. */
import { test as base, type WorkerOptions } from 'reprise'

export { expect } from 'reprise'

export const test = base.extend<object, WorkerOptions>({
  // Reads DATABASE_URL and PORT. Or, in this process: [async ({}, use) => use(({ pool }) => createApp(pool)), { scope: 'worker' }]
  ${off(appCommand === undefined)}app: [${app}, { scope: 'worker', option: true }],
  // A folder of SQL files, or the command of a tool, which reads DATABASE_URL.
  ${off(migrations === undefined)}migrations: [${content}, { scope: 'worker', option: true }],
})
`
}

function firstSpec({ appCommand, migrations, readyPath }: Answers): string {
  // The monitor replays it in any case.
  const [used, skip] =
    appCommand === undefined
      ? ['request, baseURL', "\n  test.skip(!baseURL, 'test.ts does not start the service yet')"]
      : ['request', '']
  const answers = `
test('the service answers', { tag: '@smoke' }, async ({ ${used} }) => {${skip}
  expect((await request.get(${quoted(readyPath)})).status()).toBeLessThan(400)
})
`
  const tables = `
test('the database is migrated', async ({ db }) => {
  const { rows } = await db.query("select from pg_tables where schemaname not in ('pg_catalog', 'information_schema')")
  expect(rows.length).toBeGreaterThan(0)
})
`
  const rolledBack = `
test.describe('each test is rolled back', () => {
  for (const name of ['first', 'second']) {
    test(name, async ({ db }) => {
      await db.query('create table rollback_example (text text)')
      expect((await db.query("insert into rollback_example values ('only here')")).rowCount).toBe(1)
    })
  }
})
`
  return `import { expect, test } from './test.js'
${answers}${migrations === undefined ? '' : tables}${rolledBack}`
}

const monitorConfig = (
  url: string,
  folder: string,
) => `/** What is monitored. \`npx reprise monitor run\` replays it now, \`npx reprise monitor start\` on schedule. */
import { defineMonitor, secret, slack } from 'reprise/monitor'

// Alerts go to an incoming webhook of Slack or Mattermost: SLACK_URL=https://... npx reprise monitor alert-test oncall
const hasSlack = Boolean(process.env.SLACK_URL)

export default defineMonitor({
  environments: {
    // Specs may read. With writes: 'cleaned' they may also create what they remove again.
    production: { baseURL: ${quoted(url)} },
  },
  defaults: { channels: hasSlack ? ['oncall'] : [] },
  checks: {
    service: { specs: ${quoted(`${folder}/service.spec.ts`)}, tag: '@smoke', cron: '*/5 * * * *' },
  },
  // A receiver of your own: webhook({ url: secret('WEBHOOK_URL'), signingKey: secret('WEBHOOK_KEY') })
  channels: hasSlack ? { oncall: slack({ url: secret('SLACK_URL') }) } : {},
})
`

async function manifest(read: Read): Promise<PlannedFile> {
  const name = 'package.json'
  const before = (await read(name)) ?? '{}'
  const mark = before.startsWith('\uFEFF') ? '\uFEFF' : ''
  const content = JSON.parse(before.slice(mark.length))
  const missing = Object.entries(scripts).filter(([script]) => content.scripts?.[script] === undefined)
  if (missing.length === 0) return { name, before, after: before }
  const indent = /^[ \t]+/m.exec(before)?.[0] ?? '  '
  const changed = { ...content, scripts: { ...content.scripts, ...Object.fromEntries(missing) } }
  const text = JSON.stringify(changed, undefined, indent) + (before.endsWith('\n') ? '\n' : '')
  return { name, before, after: mark + text.replaceAll('\n', lineOf(before)) }
}

const scripts = { 'test:e2e': 'playwright test', monitor: 'reprise monitor start' }

async function ignored(read: Read): Promise<PlannedFile> {
  const name = '.gitignore'
  const before = await read(name)
  const lines = before?.split(/\r?\n/).map(line => line.trim().replace(/^\/|\/$/g, '')) ?? []
  const missing = ['.reprise', 'test-results', 'playwright-report'].filter(folder => !lines.includes(folder))
  if (missing.length === 0) return { name, before, after: before ?? '' }
  const line = lineOf(before ?? '')
  const kept = before === undefined || before === '' || before.endsWith('\n') ? (before ?? '') : before + line
  return { name, before, after: kept + missing.map(folder => `${folder}/${line}`).join('') }
}

/** How the lines of a text end. */
const lineOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n')

/** As a TypeScript string. */
const quoted = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`
