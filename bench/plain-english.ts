/**
 * Measures specs in English: loading them, and running them side by side with the same specs in TypeScript, as tests and as the
 * checks of a monitor. Each sentence is a step of the report; the specs in TypeScript have none.
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { promisify } from 'node:util'
import type { TestType } from '@playwright/test'
import { registerFile } from '../plain-english/playwright/register.ts'
import { root } from '../testing/project-folder.ts'
import { benchFolder } from './checks-project.ts'
import { sideBySide } from './median.ts'
import { type Project, writeProject } from './playwright-run.ts'
import { runChecks } from './run-checks.ts'
import { duration, ratio, type Section } from './table.ts'

const files = 10

export async function measurePlainEnglish(short: boolean): Promise<Section> {
  const service = createServer((request, response) => {
    const status = request.method === 'POST' ? 201 : 200
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"id":7,"name":"Ada"}')
  }).listen(0, '127.0.0.1')
  await once(service, 'listening')
  const baseURL = `http://127.0.0.1:${Object(service.address()).port}`
  const [count, perCheck] = short ? [20, 2] : [1000, 10]
  const built = benchFolder()
  await promisify(execFile)(process.execPath, ['--import', 'tsx', 'packaging/main.ts', built], { cwd: root })
  const write = async (texts: Record<string, string>) => {
    // Without it, the name of the package would resolve to the sources of this repository.
    const project = await writeProject({ 'package.json': '{ "name": "bench", "type": "module" }', ...texts })
    await cp(built, path.join(project.folder, 'node_modules/reprise'), { recursive: true })
    return project
  }
  const inEnglish = (scenarios: number) =>
    write({
      'playwright.config.ts': englishConfig(baseURL),
      'monitor.config.ts': checksOf(baseURL, 'txt'),
      ...partsOf(scenarios, 'txt', englishSpec),
    })
  const inTypeScript = (scenarios: number) =>
    write({
      'playwright.config.ts': config(baseURL, ''),
      'monitor.config.ts': checksOf(baseURL, 'spec.ts'),
      ...partsOf(scenarios, 'spec.ts', typescriptSpec),
    })
  const english = await inEnglish(count)
  const typescript = await inTypeScript(count)
  const englishChecks = await inEnglish(perCheck * files)
  const typescriptChecks = await inTypeScript(perCheck * files)
  const projects = [english, typescript, englishChecks, typescriptChecks]
  try {
    const registering = register(english)
    const times = await sideBySide({ english: () => english.run(), typescript: () => typescript.run() }, short ? 1 : 5)
    const checks = await sideBySide(
      {
        english: () => runChecks(englishChecks.folder, process.env),
        typescript: () => runChecks(typescriptChecks.folder, process.env),
      },
      short ? 1 : 5,
    )
    const share = registering / times.english
    return {
      title: `${count} scenarios in English with six sentences and two requests each`,
      rows: [
        { what: 'a whole run of Playwright, 1 worker', median: duration(times.english) },
        {
          what: 'of that, parsing and registering, cold',
          median: duration(registering),
          relation: `${(share * 100).toFixed(1)} %`,
          target: 'at most 10 %',
          missed: share > 0.1,
        },
        { what: 'the same specs in TypeScript', median: duration(times.typescript) },
        {
          what: 'in English',
          median: duration(times.english),
          ...ratio(times.english, times.typescript, 'TypeScript'),
        },
        {
          what: `${files} checks of ${perCheck} scenarios, replayed, in TypeScript`,
          median: duration(checks.typescript),
        },
        {
          what: 'in English',
          median: duration(checks.english),
          ...ratio(checks.english, checks.typescript, 'TypeScript', { atMost: 1.1 }),
        },
      ],
    }
  } finally {
    await Promise.all(projects.map(project => project.remove()))
    await rm(built, { recursive: true, force: true })
    service.close()
    service.closeAllConnections()
  }
}

/** Registers the files as Playwright does while it loads specs. Cold: none of this code has run in the process before. */
function register({ folder }: Project): number {
  let registered = 0
  const test = Object.assign(() => registered++, { use: () => undefined }) as unknown as TestType<object, object>
  const from = performance.now()
  for (let part = 1; part <= files; part++) {
    registerFile(test, { file: `${folder}/part-${part}.txt`, origins: [], allow: [], sentences: [] })
  }
  const time = performance.now() - from
  if (registered === 0) throw new Error('The benchmark has registered no scenario.')
  return time
}

function partsOf(
  count: number,
  extension: string,
  specOf: (titles: readonly string[]) => string,
): Record<string, string> {
  const perFile = count / files
  return Object.fromEntries(
    Array.from({ length: files }, (_, part) => {
      const titles = Array.from({ length: perFile }, (_, index) => `scenario ${part + 1}-${index + 1}`)
      return [`part-${part + 1}.${extension}`, specOf(titles)]
    }),
  )
}

function englishSpec(titles: readonly string[]): string {
  return titles
    .map(
      title => `Scenario: ${title}
POST /users {"email": "ada@example.com", "name": "Ada"}
Status Code Should Be 201
Save Field id As id
GET /users/\${id}
Status Code Should Be 200
Field name Should Be "Ada"
`,
    )
    .join('\n')
}

function typescriptSpec(titles: readonly string[]): string {
  return `import { expect, test } from 'reprise'
    ${titles
      .map(
        title => `test('${title}', async ({ request }) => {
        const created = await request.post('/users', { data: { email: 'ada@example.com', name: 'Ada' } })
        expect(created.status()).toBe(201)
        const { id } = await created.json()
        const found = await request.get('/users/' + id)
        expect(found.status()).toBe(200)
        expect((await found.json()).name).toBe('Ada')
      })`,
      )
      .join('\n')}`
}

/** A check for each file. */
function checksOf(baseURL: string, extension: string): string {
  const checks = Array.from({ length: files }, (_, part) => [
    `part-${part + 1}`,
    { specs: `part-${part + 1}.${extension}` },
  ])
  return `import { defineMonitor } from 'reprise/monitor'
    export default defineMonitor({
      environments: { production: { baseURL: '${baseURL}', reads: ['POST /users'] } },
      checks: ${JSON.stringify(Object.fromEntries(checks))},
    })`
}

function englishConfig(baseURL: string): string {
  return `import { plainEnglish } from 'reprise/plain-english'
    ${config(baseURL, "...plainEnglish({ folder: import.meta.dirname, files: '*.txt' }),")}`
}

function config(baseURL: string, more: string): string {
  return `export default {
    testDir: '.', workers: 1, reporter: 'line', outputDir: './results', use: { baseURL: '${baseURL}' },
    globalSetup: 'reprise/global-setup', ${more}
  }`
}
