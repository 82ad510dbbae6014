import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test as base, expect } from '../testing/test.ts'
import { runCommand } from './commands.ts'

/** Runs a command of `plain-english` in this process. */
async function run({ args, folder }: { args: readonly string[]; folder: string }) {
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
}

const test = base.extend<{
  /** Runs a command in a folder with these files. */
  reprise: (files: Record<string, string>, ...args: string[]) => ReturnType<typeof run>
}>({
  reprise: async ({}, use, info) =>
    use(async (files, ...args) => {
      const folder = info.outputPath('project')
      for (const [name, text] of Object.entries(files)) {
        await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
        await writeFile(path.join(folder, name), text)
      }
      return run({ args, folder })
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

test('run refuses a line without a sentence, and a line of several files', async ({ reprise }) => {
  const files = {
    ...project,
    'specs/good.txt': 'Scenario: one\nGET /one\n\nScenario: two\nGET /two',
    'specs/b.txt': 'GET /b',
  }
  expect(await reprise(files, 'run', 'specs/good.txt:3', '--debug')).toMatchObject({
    code: 2,
    err: 'specs/good.txt:3 has no sentence: choose the line of a sentence, of a scenario, or of a row of examples. Its scenarios and rows are on the lines 1, 4.',
  })
  const { err } = await reprise(files, 'run', 'specs/*.txt:1')
  expect(err).toBe('specs/*.txt:1 has a line of 2 files: name one of them.')
  const several = await reprise(files, 'run', 'specs/good.txt:2', 'specs/good.txt:5', '--debug')
  expect(several.err).toContain('--debug stops at one sentence, but got 2: choose one of ')
})

test('run shows the faults of a file whose line is asked for', async ({ reprise }) => {
  const files = { ...project, 'specs/good.txt': 'GET /users\nI wait two days' }
  expect(await reprise(files, 'run', 'specs/good.txt:1')).toMatchObject({
    code: 2,
    err: expect.stringContaining('specs/good.txt:2:8: {int} must be a whole number'),
  })
})

test('run in a project without Playwright has the command that installs it', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-'))
  await writeFile(path.join(folder, 'a.txt'), 'GET /users')
  const { code, err } = await run({ args: ['run', 'a.txt'], folder })
  await rm(folder, { recursive: true })
  expect(code).toBe(2)
  expect(err).toBe(`@playwright/test is not installed in ${folder}: npm install --save-dev @playwright/test there.`)
})

test('what the config prints goes to stderr', async ({ reprise }) => {
  const config = `console.log('loading'); ${project['playwright.config.ts']}`
  const { write } = process.stderr
  const seen: string[] = []
  process.stderr.write = (text: string | Uint8Array) => seen.push(String(text)) > 0
  try {
    expect(await reprise({ ...project, 'playwright.config.ts': config }, 'check')).toMatchObject({ code: 0, err: '' })
  } finally {
    process.stderr.write = write
  }
  expect(seen).toEqual(['loading\n'])
})

test('--out makes the folders of its file, and overwrites none', async ({ reprise }, info) => {
  const files = { ...project, 'a.http': 'GET http://localhost/users' }
  const out = 'new/folder/a.txt'
  expect(await reprise(files, 'import', 'a.http', '--out', out)).toMatchObject({ code: 0, out: '' })
  expect(await readFile(path.join(info.outputPath('project'), out), 'utf8')).toContain('GET /users')
  expect(await reprise(files, 'import', 'a.http', '--out', out)).toMatchObject({
    code: 2,
    err: `${out} exists already: remove it, or choose another name.`,
  })
  expect((await reprise(files, 'to-typescript', 'specs/good.txt', '--out', 'a.http/b.ts')).err).toMatch(
    /^a\.http\/b\.ts cannot be written: /,
  )
})

test('import takes the values of an environment in another file', async ({ reprise }) => {
  const files = {
    'a.http': 'GET {{host}}/users/{{id}}',
    'http-client.env.json':
      '{"dev": {"host": "http://localhost:3000", "id": 7}, "prod": {"host": "https://example.com"}}',
  }
  const environment = ['--environment', 'http-client.env.json']
  const { code, out } = await reprise(files, 'import', 'a.http', ...environment, '--environment-name', 'dev')
  expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/\nGET \/users\/7$/) })
  const refused = async (...args: string[]) => (await reprise(files, 'import', 'a.http', ...args)).err
  expect(await refused(...environment)).toBe(
    'http-client.env.json has the environments dev, prod: choose one by --environment-name.',
  )
  expect(await refused(...environment, '--environment-name', 'test')).toBe(
    'There is no environment "test": the files have dev, prod.',
  )
  expect(await refused('--environment-name', 'dev')).toContain('--environment-name needs the file that has it')
  expect(await refused('--environment', 'no.json')).toMatch(
    /^There is no file no\.json in .+: correct its path, which is relative/,
  )
  expect((await reprise({ 'specs/a.txt': '' }, 'import', 'specs')).err).toBe(
    'specs is a folder: name a file in it, one for each call.',
  )
})

test('to-typescript takes the test, the sentences and the hosts of the project of the file', async ({ reprise }) => {
  const files = {
    ...project,
    'playwright.config.ts': `
      import { plainEnglish } from '${root}/plain-english/playwright/project.ts'
      const folder = import.meta.dirname
      export default {
        projects: [
          plainEnglish({ folder, files: 'other/*.txt', test: 'other/test.ts', sentences: 'other/sentences.ts' }),
          plainEnglish({ folder, files: 'specs/*.txt', test: 'test.ts', sentences: 'sentences.ts', allow: ['https://mail.example.com'] }),
        ],
      }`,
    'other/a.txt': 'GET /users\nI wait 3 days',
    // Both projects define this sentence.
    'other/sentences.ts': project['sentences.ts'],
  }
  const { code, out } = await reprise(files, 'to-typescript', 'specs/good.txt', '--out', 'e2e/api/good.spec.ts')
  expect({ code, out }).toEqual({ code: 0, out: '' })
  const text = await readFile(path.join(test.info().outputPath('project'), 'e2e/api/good.spec.ts'), 'utf8')
  expect(text).toContain("import { test } from '../../test.ts'")
  expect(text).toContain("import sentences from '../../sentences.ts'")
  expect(text).toContain("{ sentences, allow: ['https://mail.example.com'], folder: '../../specs' }")
  expect((await reprise(files, 'check')).out).toBe('2 files with 2 scenarios, no faults.')
})
