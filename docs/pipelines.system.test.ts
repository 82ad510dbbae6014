/** Checks the files of pipelines.md, and executes their commands in a project. */
import { readFileSync } from 'node:fs'
import { cp, readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { validateWorkflow } from '@action-validator/core'
import { expect, test } from '@playwright/test'
import { parse } from 'yaml'
import { monitorRun } from '../cli/monitor-run.ts'
import { root } from '../testing/project-folder.ts'
import { blocksOf } from './readme/blocks.ts'
import { type Clone, makeClone } from './readme/clone.ts'
import { startShell } from './readme/shell.ts'

const page = readFileSync(path.join(root, 'docs/pipelines.md'), 'utf8')
const files = new Map(blocksOf(page).map(({ text }) => [/^(?:#|\/\/) (\S+)\n/.exec(text)?.[1] ?? '', text]))
const file = (name: string) => files.get(name) ?? ''

interface GithubJob {
  needs?: string
  steps: { run?: string; uses?: string; with?: Record<string, string> }[]
}

interface GitlabJob {
  stage: string
  script: string[]
  artifacts?: { paths: string[]; reports?: { junit: string } }
}

const github = (name: string): Record<string, GithubJob> => parse(file(name)).jobs
const { stages, default: _defaults, variables: _variables, ...gitlab } = parse(file('.gitlab-ci.yml'))
const gitlabJobs: Record<string, GitlabJob> = gitlab

test('the workflows are those of GitHub Actions, and what a job downloads was uploaded', () => {
  for (const name of ['.github/workflows/test.yml', '.github/workflows/deploy.yml']) {
    expect(validateWorkflow(file(name)).errors).toEqual([])
    for (const { needs = '', steps } of Object.values(github(name))) {
      const uploaded = github(name)[needs]?.steps.map(step => step.with?.name ?? '') ?? []
      for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/download-artifact@'))) {
        expect(uploaded).toContainEqual(expect.stringMatching(`^${step.with?.pattern?.replace('*', '')}`))
      }
    }
  }
})

test("GitLab's jobs are of stages that exist, in their order", () => {
  expect(Object.values(gitlabJobs).map(({ stage }) => stage)).toEqual(stages)
  for (const job of Object.values(gitlabJobs)) {
    const known = ['stage', 'needs', 'rules', 'parallel', 'when', 'script', 'artifacts']
    expect(Object.keys(job).filter(key => !known.includes(key))).toEqual([])
    if (job.artifacts?.reports) expect(job.script.join()).toContain(job.artifacts.reports.junit)
  }
})

test('no command replaces the reporters of the configuration, which redact', () => {
  expect(files.get('playwright.config.ts')).toContain('redactedReport(')
  expect(shellCommands().shards.join()).not.toContain('--reporter')
})

test('the gate is after the deployment, and has the environment of the configuration', () => {
  expect(github('.github/workflows/deploy.yml').smoke?.needs).toBe('deploy')
  expect(gitlabJobs.smoke).toMatchObject({ needs: ['deploy'] })
  for (const command of shellCommands().gates) expect(command).toContain(' --env staging ')
  expect(file('monitor.config.ts')).toMatch(/^ {4}staging: /m)
})

test('the exit codes are those of the command', () => {
  for (const code of leadingCells('The gate after a deployment'))
    expect(monitorRun.help).toMatch(new RegExp(`\\b${code} `))
  expect(leadingCells('The gate after a deployment')).toEqual(['0', '1', '2', '3', '4'])
})

test('the commands shard the tests, merge their reports, and replay the checks', async () => {
  const service = createServer((_request, response) => response.end('{}'))
  await new Promise<void>(resolve => service.listen(0, '127.0.0.1', resolve))
  const clone = await makeClone(project(`http://127.0.0.1:${Object(service.address()).port}`))
  const at = (name: string) => path.join(clone.folder, name)
  try {
    const commands = shellCommands()
    for (const shard of ['1', '2']) {
      await execute(
        clone,
        commands.shards.map(command => command.replaceAll('<shard>', shard)),
      )
      expect(await readdir(at('blob-report'))).toContain(`shard-${shard}.zip`)
      await cp(at('blob-report'), at('blob-reports'), { recursive: true })
    }
    // The artifacts of both shards arrive in this folder in GitHub, and in the other in GitLab.
    expect(await readdir(at('blob-reports'))).toHaveLength(2)
    await cp(at('blob-reports'), at('blob-report'), { recursive: true })

    for (const merge of commands.merges) {
      const output = await execute(clone, [merge])
      expect(await readFile(at('playwright-report/index.html'), 'utf8')).toContain('<html')
      if (merge.includes('github')) expect(output).toContain('3 passed')
    }
    expect(await readFile(at('junit.xml'), 'utf8')).toContain('tests="3" failures="0"')

    await execute(clone, commands.deployments)
    await execute(clone, commands.gates)
    expect(await readFile(at('smoke.xml'), 'utf8')).toContain('<testcase name="answers"')
    expect(await readdir(at('.reprise/runs'))).toHaveLength(commands.gates.length)
  } finally {
    service.close()
    service.closeAllConnections()
    await clone.remove()
  }
})

/** The commands of all files, each once; what they install is there. */
function shellCommands() {
  const ofGithub = ['.github/workflows/test.yml', '.github/workflows/deploy.yml'].flatMap(name =>
    Object.values(github(name)).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? [])),
  )
  const ofGitlab = Object.values(gitlabJobs).flatMap(({ script }) => script)
  const all = [...ofGithub, ...ofGitlab].map(command =>
    command.replace(/\$\{\{ matrix\.shard \}\}|\$CI_NODE_INDEX/g, '<shard>').replace('$CI_NODE_TOTAL', '2'),
  )
  const commands = [...new Set(all)]
  const of = (pattern: RegExp) => commands.filter(command => pattern.test(command))
  const kinds = {
    shards: of(/ test /),
    merges: of(/ merge-reports /),
    deployments: of(/^npm run deploy /),
    gates: of(/ monitor run /),
  }
  const installs = of(/^npm ci|^npx playwright install --with-deps chromium$/)
  expect([...installs, ...Object.values(kinds).flat()].sort()).toEqual(commands.toSorted())
  expect(kinds).toEqual({
    shards: [expect.anything()],
    merges: Array(2).fill(expect.anything()),
    deployments: [expect.anything()],
    gates: Array(2).fill(expect.anything()),
  })
  return kinds
}

/** Runs the commands, which have to pass, and returns their output. */
async function execute({ folder }: Clone, commands: readonly string[]): Promise<string> {
  const env = { SMOKE_TOKEN: 'a-token-of-staging' }
  const { code, output } = await startShell(commands.join(' && '), { cwd: folder, env }).result()
  expect({ commands, code, output }).toMatchObject({ code: 0 })
  return output
}

const project = (baseURL: string) => ({
  // Playwright writes its reports beside it.
  'package.json': '{ "private": true, "type": "module", "scripts": { "deploy": "echo" } }',
  'playwright.config.ts': file('playwright.config.ts').replace(
    'defineConfig({',
    `defineConfig({ testMatch: '*.spec.ts', fullyParallel: true, use: { baseURL: '${baseURL}' },`,
  ),
  'rows.spec.ts': `import { expect, test } from 'reprise'
    for (const title of ['one', 'other']) {
      test(title, async ({ db }) => expect((await db.query('create table notes ()')).command).toBe('CREATE'))
    }`,
  'health.spec.ts': `import { expect, test } from 'reprise'
    test('answers', async ({ request }) => expect((await request.get('/')).ok()).toBe(true))`,
  'monitor.config.ts': file('monitor.config.ts').replace('https://staging.example.com', baseURL),
})

/** The numbers at the beginning of a table's rows. */
function leadingCells(heading: string): string[] {
  const section = page.split(/^## /m).find(part => part.startsWith(heading)) ?? ''
  return [...section.matchAll(/^\| (\d) /gm)].map(([, cell = '']) => cell)
}
