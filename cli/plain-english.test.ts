import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test as base, expect } from '@playwright/test'
import { runCommand } from './commands.ts'

const test = base.extend<{
  /** Runs a command in a folder with these files. */
  reprise: (files: Record<string, string>, ...args: string[]) => Promise<{ code: number; out: string; err: string }>
}>({
  reprise: async ({}, use, info) =>
    use(async (files, ...args) => {
      const folder = info.outputPath('project')
      for (const [name, text] of Object.entries(files)) {
        await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
        await writeFile(path.join(folder, name), text)
      }
      const out: string[] = []
      const err: string[] = []
      const code = await runCommand({
        args: ['plain-english', ...args],
        env: {},
        folder,
        colours: false,
        print: text => out.push(text),
        complain: text => err.push(text),
        progress: () => undefined,
        stopRequest: () => new Promise(() => undefined),
      })
      return { code, out: out.join('\n'), err: err.join('\n') }
    }),
})

const root = path.join(import.meta.dirname, '..')
const project = {
  'playwright.config.ts': `
    import { plainEnglish } from '${root}/plain-english/playwright/project.ts'
    export default {
      projects: [{ ...plainEnglish({ folder: import.meta.dirname, files: 'specs/**/*.txt', sentences: 'sentences.ts' }) }],
    }`,
  'sentences.ts': `
    import { defineSentence } from '${root}/plain-english/index.ts'
    export default [defineSentence('I wait {int} day(s)', () => undefined, { meaning: 'lets time pass' })]`,
  'specs/good.txt': 'GET /users\nI wait 3 days',
}

test('check uses the files and the sentences in Playwright’s config', async ({ reprise }) => {
  expect(await reprise(project, 'check')).toEqual({ code: 0, out: '1 file with 1 scenario, no faults.', err: '' })
})

test('check reports every fault of every file, with its place', async ({ reprise }) => {
  const bad = { 'specs/a/bad.txt': 'GET /users\nI wait two days\nPOST /users {"a": 1,}', 'specs/empty.txt': '' }
  const { code, err } = await reprise({ ...project, ...bad }, 'check')
  expect(code).toBe(2)
  // The nearest of the user's own comes first; which built-in ones follow is tested in plain-english/corpus/.
  expect(
    err.replace(/(I wait \{int\} day\(s\))(?:\n {4}.*)+/, '$1'),
  ).toBe(`specs/a/bad.txt:2:8: {int} must be a whole number, or a variable: 201, \${count}.
  I wait two days
         ^
  Did you mean one of these?
    I wait {int} day(s)

specs/a/bad.txt:3:20: Remove this comma: JSON allows none before a }.
  POST /users {"a": 1,}
                     ^

specs/empty.txt:1:1: This file has no sentence: write one, such as GET /health.

3 faults in 2 files.`)
})

test('check takes files and globs, also without a config', async ({ reprise }) => {
  const files = { 'my specs/[1].txt': 'GET /users', 'my specs/2.txt': 'GET users' }
  expect((await reprise(files, 'check', 'my specs/[1].txt')).code).toBe(0)
  expect((await reprise(files, 'check', 'my specs/*.txt')).err).toContain('my specs/2.txt:1:5: ')
  expect((await reprise(files, 'check', 'nothing.txt')).err).toContain('There is no file nothing.txt in ')
  expect(await reprise(files, 'check')).toMatchObject({
    code: 2,
    err: expect.stringContaining('e2e/plain-english/*.txt'),
  })
})

test('sentences prints the whole vocabulary, including the user’s sentences', async ({ reprise }) => {
  const { code, out } = await reprise(project, 'sentences')
  expect(code).toBe(0)
  for (const line of ['Go To {url}', 'Field {field} Should Be {value}', 'Table {word} Should Be Empty', '{duration}']) {
    expect(out).toContain(`  ${line}`)
  }
  expect(out).toContain('Your own\n\n  I wait {int} day(s)\n      lets time pass')
})

test('the error for an invalid sentence, and for one that cannot be loaded, has its name', async ({ reprise }) => {
  const own = (list: string) => ({
    ...project,
    'sentences.ts': project['sentences.ts'].replace(/default .*/, `default ${list}`),
  })
  expect((await reprise(own("[defineSentence('I eat {fruit}', () => undefined)]"), 'sentences')).err).toContain(
    '{fruit}',
  )
})

test('a sentence whose fixtures have no names is refused', async ({ reprise }) => {
  const sentences = project['sentences.ts'].replace('() => undefined', 'fixtures => fixtures')
  const { code, err } = await reprise({ ...project, 'sentences.ts': sentences }, 'check')
  expect(code).toBe(2)
  expect(err).toContain('The sentence "I wait {int} day(s)": name its fixtures in braces')
})
