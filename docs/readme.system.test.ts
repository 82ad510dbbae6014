// Executes the code blocks of the README, and checks the names in its tables and the messages that it explains.
import { readFileSync } from 'node:fs'
import { access, chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { callCommand } from '../cli/testing/called-command.ts'
import { test as withServer } from '../postgres/testing/server-fixture.ts'
import { root } from '../testing/project-folder.ts'
import { type Block, blocksOf, leadingCode } from './readme/blocks.ts'
import { type Clone, makeClone, sampleFiles } from './readme/clone.ts'
import { bin, type Shell, startShell } from './readme/shell.ts'

const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
const blocks = blocksOf(readme)
const files = new Map(blocks.flatMap(fileIn))

interface OfClone {
  /** A clone that holds the files of the README. */
  clone: Clone
  /** Runs the specs of a folder of the clone, once. */
  specsOf: (folder: string) => Promise<FolderRun>
}

interface FolderRun {
  code: number | null
  /** The output of the list reporter. */
  output: string
  /** The folder of the HTML report. */
  report: string
}

interface ReadmeFixtures {
  /** Starts a command, by default in the repository; it is killed at the end of the test. */
  shell: (command: string, options?: { cwd?: string; env?: NodeJS.ProcessEnv }) => Shell
  /** A folder for the output of commands. */
  output: string
  /** The folder of a clone with the specs of the sample. */
  repository: string
}

const test = withServer.extend<ReadmeFixtures>({
  shell: async ({}, use) => {
    const started: Shell[] = []
    await use((command, options) => {
      const shell = startShell(command, { cwd: root, ...options })
      started.push(shell)
      return shell
    })
    await Promise.all(started.map(shell => shell.kill()))
  },
  output: async ({}, use, info) => use(info.outputPath('of-command')),
  repository: async ({}, use) => {
    const clone = await makeClone(await sampleFiles())
    await use(clone.folder)
    await clone.remove()
  },
})

interface ServerFixtures extends ReadmeFixtures {
  serverUrl: string
}

type OnSample = ReadmeFixtures & { sample: string }

/** The functions that execute a shell command, by what they need. */
type Executors<Fixtures> = [pattern: RegExp, run: (line: string, fixtures: Fixtures) => Promise<void>][]

const onTheirOwn: Executors<ServerFixtures> = [
  [/^npm (install|test)$/, executedByCi],
  [/^npx playwright test --project=api --project=browser --project=plain-english$/, executedByCi],
  [/^npm start$/, async () => expectTested('cli/start.system.test.ts', '`npm start -- --config')],
  [
    /^npm install --save-dev reprise$|^npx reprise init$/,
    async () => expectTested('packaging/projects.system.test.ts', "'reprise', 'init'"),
  ],
  [/^npx playwright test [\w@/. =-]+$/, selectSpecs],
  [/^REPRISE_POSTGRES=embedded npx playwright test [\w@/. =-]+$/, runSpecs],
  [/^npx reprise plain-english \w+$/, async line => runInThisProcess(line)],
  [/^REPRISE_POSTGRES=testcontainers npx playwright test [\w@/. =-]+$/, runInContainer],
  [
    /^REPRISE_POSTGRES=postgres:\S+ npx playwright test [\w@/. =-]+$/,
    async (line, fixtures) => runSpecs(line.replace(/postgres:\S+/, fixtures.serverUrl), fixtures),
  ],
]

const inClone: Executors<ReadmeFixtures & OfClone> = [
  [/^npx playwright show-report$/, showReport],
  [/^npx playwright test$/, async (_line, { specsOf }) => expectPassed(await specsOf('my-service'))],
]

const onSample: Executors<OnSample> = [
  [/^REPRISE_TARGET=\S+ npx playwright test [\w@/. =-]+$/, runAgainstSample],
  // With the same configuration, against a sample.
  [
    /^npx reprise monitor run$/,
    async () => expectTested('cli/monitor-run.system.test.ts', "['monitor', 'run', '--json']"),
  ],
  [/^npx reprise monitor validate$/, runCommand],
  [/^npx reprise sweep$/, async (line, { sample }) => runInThisProcess(line, { REPRISE_TARGET: sample })],
]

const executorOf = <Fixtures>(executors: Executors<Fixtures>, line: string) =>
  executors.find(([pattern]) => pattern.test(line))?.[1]

const lines = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(block => block.text.split('\n').map(line => ({ line, title: `line ${block.line}: ${line}` })))

for (const { line, title } of lines) {
  if (executorOf(inClone, line) ?? executorOf(onSample, line)) continue
  test(title, async ({ shell, output, repository, server }) => {
    const run = executorOf(onTheirOwn, line)
    if (!run) throw new Error(`No executor matches "${line}". Add it to the executors in docs/readme.system.test.ts.`)
    await run(line, { shell, output, repository, serverUrl: server.url })
  })
}

test.describe(() => {
  // In one worker, because they share the sample.
  test.describe.configure({ mode: 'default' })
  let started: Shell
  let sample: string
  test.beforeAll(async () => {
    started = startShell('npx reprise sample', { cwd: root, env: { PORT: '0' } })
    sample = await started.says(/page +(http:\S+)/)
  })
  test.afterAll(async () => {
    started.interrupt()
    await started.result()
  })
  for (const { line, title } of lines) {
    const run = executorOf(onSample, line)
    if (run) {
      test(title, async ({ shell, output, repository }) => run(line, { shell, output, repository, sample }))
    }
  }
})

test.describe(() => {
  // In one worker, because they share the runs of the README's folders.
  test.describe.configure({ mode: 'default' })
  let clone: Clone
  const runs = new Map<string, Promise<FolderRun>>()
  const specsOf = (folder: string) => {
    const run = runs.get(folder) ?? runFolder(clone, folder)
    runs.set(folder, run)
    return run
  }
  test.beforeAll(async () => {
    clone = await makeClone(Object.fromEntries(files))
  })
  test.afterAll(() => clone.remove())
  for (const { line, title } of lines) {
    const run = executorOf(inClone, line)
    if (!run) continue
    test(title, async ({ shell, output, repository }) => run(line, { shell, output, repository, clone, specsOf }))
  }
  for (const block of blocks.filter(({ language }) => language === 'ts')) {
    test(`line ${block.line}: TypeScript`, async ({ shell }) => {
      const [name] = fileIn(block)[0] ?? []
      if (!name) throw new Error('The first line must name the file, such as "// e2e/api/welcome.spec.ts".')
      if (name.endsWith('monitor.config.ts')) {
        const file = path.join(clone.folder, name)
        await expectSuccess(shell(`npx reprise monitor validate --config ${file}`))
        return
      }
      const run = await specsOf(name.split('/')[0] ?? '')
      expectPassed(run)
      if (name.endsWith('.spec.ts')) expect(run.output).toMatch(new RegExp(`✓ .*${path.basename(name)}:`))
    })
  }
})

for (const block of blocks) {
  if (block.language === 'sh' || block.language === 'ts') continue
  if (block.language === 'sql') {
    test(`line ${block.line}: SQL`, () => {
      // The specs of its folder use it.
      expect(fileIn(block)[0]?.[0]).toMatch(/^my-service\//)
    })
  } else if (block.language === 'txt') {
    test(`line ${block.line}: a spec in English`, async () => {
      const file = path.join(root, 'e2e/plain-english/health-check.txt')
      expect(`${block.text}\n`).toBe(await readFile(file, 'utf8'))
    })
  } else {
    test(`line ${block.line}: ${block.language || 'no language'}`, () => {
      throw new Error(`Nothing executes a block of "${block.language}". Write it as sh or ts, or as a sentence.`)
    })
  }
}

test('the messages that it explains exist in the code', async ({ shell }) => {
  const messages = leadingCode(readme, 'Troubleshooting')
  expect(messages.length).toBeGreaterThan(5)
  for (const message of messages) {
    const found = await shell(`git grep -lF -e "$message" -- '*.ts' '*.mjs' ':!docs'`, { env: { message } }).result()
    expect.soft(found.code, `No source file contains "${message}".`).toBe(0)
  }
})

test('the scripts and files that it names exist', async () => {
  const { scripts } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
  for (const [, name = ''] of readme.matchAll(/`npm run ([\w-]+)/g)) expect.soft(scripts).toHaveProperty(name)
  for (const [, link = ''] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
    await expect.soft(access(path.join(root, link)), link).resolves.toBeUndefined()
  }
})

/** The file that a block shows; its first line is a comment with the path. */
function fileIn({ language, text }: Block): [name: string, text: string][] {
  const name = /^(?:\/\/|--) (\S+\.(ts|sql))\n/.exec(text)
  return name?.[1] === undefined || name[2] !== language ? [] : [[name[1], text]]
}

// These commands run this test. CI runs them in a fresh clone.
async function executedByCi(line: string): Promise<void> {
  const ci = await readFile(path.join(root, '.ci/run'), 'utf8')
  const { scripts } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
  if (line.startsWith('npm')) expect(ci).toMatch(new RegExp(`^ *${line}\\b`, 'm'))
  expect(scripts.test).toMatch(/ playwright test --grep-invert=@registry$/)
  expect(ci).toMatch(/^ *npm run test:registry\b/m)
}

/** These commands run in another test, which contains this text. */
async function expectTested(file: string, text: string): Promise<void> {
  expect(await readFile(path.join(root, file), 'utf8')).toContain(text)
}

async function runAgainstSample(line: string, { sample, ...fixtures }: OnSample): Promise<void> {
  await runSpecs(line.replace(/http:\S+/, sample), fixtures)
  expect(await (await fetch(new URL('/users', sample))).json()).toEqual({ users: [], next: null })
}

/** Commands that need nothing else: a process for each would load the command line anew. */
async function runInThisProcess(line: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const { code, stdout, stderr } = await callCommand(line.split(' ').slice(2), { env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.length).toBeGreaterThan(20)
}

/** By the program of the repository, which loads the sources. */
async function runCommand(line: string, { sample, shell }: OnSample): Promise<void> {
  await expectSuccess(shell(line.replace('npx reprise', bin), { env: { REPRISE_TARGET: sample } }))
  expect(await (await fetch(new URL('/users', sample))).json()).toEqual({ users: [], next: null })
}

async function expectSuccess(shell: Shell): Promise<void> {
  const { code, output } = await shell.result()
  if (code !== 0) throw new Error(`It ended with exit code ${code}:\n${output.slice(-3000)}`)
}

async function showReport(line: string, { clone, specsOf, shell, output }: ReadmeFixtures & OfClone): Promise<void> {
  const { report: folder } = await specsOf('my-service')
  const programs = path.join(output, 'bin')
  await mkdir(programs, { recursive: true })
  // Prevents that a browser window opens.
  for (const name of ['open', 'xdg-open']) {
    await writeFile(path.join(programs, name), '#!/bin/sh\n')
    await chmod(path.join(programs, name), 0o755)
  }
  const report = shell(line, {
    cwd: clone.folder,
    env: { PATH: `${programs}${path.delimiter}${process.env.PATH}`, PLAYWRIGHT_HTML_OUTPUT_DIR: folder },
  })
  const url = await report.says(/Serving HTML report at (http:\/\/\S+?)\.? /)
  expect(await (await fetch(url)).text()).toContain('<title>Playwright Test Report</title>')
}

async function runFolder(clone: Clone, folder: string): Promise<FolderRun> {
  if (!files.has(`${folder}/playwright.config.ts`)) {
    await writeFile(
      path.join(clone.folder, folder, 'playwright.config.ts'),
      `export default { globalSetup: 'reprise/global-setup' }`,
    )
  }
  const output = path.join(clone.folder, 'of-command', folder)
  const report = path.join(output, 'html')
  const run = startShell(
    `npx playwright test -c ${folder} --output=${output}/results --reporter=list,html --workers=1`,
    {
      cwd: clone.folder,
      env: { PLAYWRIGHT_HTML_OUTPUT_DIR: report, PLAYWRIGHT_HTML_OPEN: 'never' },
    },
  )
  return { ...(await run.result()), report }
}

/** Specs of the repository, which the suite itself runs, on the same server: the line selects some of them. */
async function selectSpecs(line: string, { shell, repository }: ReadmeFixtures): Promise<void> {
  const { code, output } = await shell(`${line} --list --reporter=list`, { cwd: repository }).result()
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/^Total: [1-9]\d* test/m) })
  const projects = [...output.matchAll(/^ +\[([\w-]+)\] › /gm)].map(([, project]) => project)
  expect(['api', 'browser', 'plain-english']).toEqual(expect.arrayContaining(projects))
}

async function runSpecs(line: string, { shell, output, repository }: ReadmeFixtures): Promise<void> {
  // Another output folder, which this run does not use, and one worker, because other tests run in parallel.
  const options = `--output=${path.join(output, 'results')} --reporter=list --workers=1`
  expectPassed(await shell(`${line} ${options}`, { cwd: repository }).result())
}

function expectPassed({ code, output }: Pick<FolderRun, 'code' | 'output'>): void {
  if (code !== 0) throw new Error(`It ended with exit code ${code}:\n${output.slice(-3000)}`)
  expect(output).toMatch(/\d+ (passed|skipped)/)
}

async function runInContainer(line: string, fixtures: ReadmeFixtures): Promise<void> {
  const image = process.env.REPRISE_POSTGRES_IMAGE ?? 'postgres:18-alpine'
  const engine = await fixtures.shell('docker version').result()
  if (engine.code !== 0) {
    // The README explains the message for this case.
    const options = `--output=${fixtures.output} --reporter=list --max-failures=1`
    const { code, output } = await fixtures.shell(`${line} ${options}`, { cwd: fixtures.repository }).result()
    expect(output).toContain('No Docker engine answers')
    expect(code).toBe(1)
    return
  }
  const pulled = await fixtures.shell(`docker image inspect ${image} || docker pull ${image}`).result()
  test.skip(pulled.code !== 0, `The image ${image} is not present and cannot be pulled: ${pulled.output.slice(-200)}`)
  await runSpecs(`REPRISE_POSTGRES_IMAGE=${image} ${line}`, fixtures)
}
