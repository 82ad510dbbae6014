/** Measures specs in English: loading them, and running them side by side with the same specs in TypeScript. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { TestType } from '@playwright/test'
import { registerFile } from '../plain-english/playwright/register.ts'
import { sideBySide } from './median.ts'
import { type Project, writeProject } from './playwright-run.ts'
import { duration, ratio, type Section } from './table.ts'

const files = 10

export async function measurePlainEnglish(short: boolean): Promise<Section> {
  const service = createServer((request, response) => {
    const status = request.method === 'POST' ? 201 : 200
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"id":7,"name":"Ada"}')
  }).listen(0, '127.0.0.1')
  await once(service, 'listening')
  const baseURL = `http://127.0.0.1:${Object(service.address()).port}`
  const count = short ? 20 : 1000
  const english = await writeProject({
    'playwright.config.ts': englishConfig(baseURL),
    ...partsOf(count, 'txt', englishSpec),
  })
  const typescript = await writeProject({
    'playwright.config.ts': config(baseURL, ''),
    ...partsOf(count, 'spec.ts', typescriptSpec),
  })
  try {
    const registering = register(english)
    const times = await sideBySide({ english: () => english.run(), typescript: () => typescript.run() }, short ? 1 : 5)
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
          ...ratio(times.english, times.typescript, 'TypeScript', { atMost: 1.1 }),
        },
      ],
    }
  } finally {
    await Promise.all([english.remove(), typescript.remove()])
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
  return `import { expect, test } from '../../../fixtures/index.ts'
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

function englishConfig(baseURL: string): string {
  return `import { plainEnglish } from '../../../plain-english/playwright/project.ts'
    ${config(baseURL, "...plainEnglish({ folder: import.meta.dirname, files: '*.txt' }),")}`
}

function config(baseURL: string, more: string): string {
  return `export default {
    testDir: '.', workers: 1, reporter: 'line', outputDir: './results', use: { baseURL: '${baseURL}' },
    globalSetup: '../../../postgres/global-setup.ts', ${more}
  }`
}
