import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { test as base, expect } from '@playwright/test'
import { WebSocket } from 'undici'
import { type Service, startService } from '../fixtures/testing/service.ts'
import { commandLine, imported } from '../testing/built/built-modules.ts'
import { childEnvironment } from '../testing/child-environment.ts'
import { projectFolder, writeFiles } from '../testing/project-folder.ts'

interface Started {
  /** Resolves when the output from an offset on fulfils the condition. */
  saidAfter(offset: number, condition: (text: string) => boolean): Promise<void>
  output(): string
  interrupt(): void
  /** The exit code. */
  ended: Promise<number | null>
}

interface Project {
  folder: string
  service: Service
  /** Starts `reprise plain-english run`. */
  start(...args: string[]): Started
}

const test = base.extend<{ project: Project }>({
  project: async ({}, use) => {
    const service = await startService()
    const folder = projectFolder()
    await writeFiles(folder, {
      'playwright.config.ts': `
        import { plainEnglish } from '${imported('plain-english/playwright/project')}'
        const english = plainEnglish({ folder: import.meta.dirname, files: 'specs/**/*.txt' })
        export default {
          reporter: 'line',
          outputDir: 'test-results',
          globalSetup: '${imported('postgres/global-setup')}',
          projects: [{ name: 'english', ...english, use: { baseURL: ${JSON.stringify(service.url)} } }],
        }`,
    })
    const children: ChildProcess[] = []
    const start: Project['start'] = (...given) => {
      const [program = '', ...args] = commandLine()
      const child = spawn(program, [...args, 'plain-english', 'run', ...given], {
        cwd: folder,
        env: childEnvironment({}),
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      children.push(child)
      const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
      let output = ''
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', text => {
          output += text
          child.emit('said')
        })
      }
      return {
        saidAfter: async (offset, condition) => {
          while (!condition(output.slice(offset))) await once(child, 'said')
        },
        output: () => output,
        interrupt: () => void child.kill('SIGINT'),
        ended,
      }
    }
    await use({ folder, service, start })
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL')
    await service.close()
    await rm(folder, { recursive: true, force: true })
  },
})

const urls = ({ service }: Project) => service.seen.map(({ url }) => url)

test('--watch runs a file again when it or an included file changes, and a new file', async ({ project }) => {
  const { folder, start } = project
  await writeFiles(folder, {
    'specs/a.txt': 'Scenario: one\nGET /first\n\nScenario: two\nGET /two',
    'specs/b.txt': 'Include "../shared/all.txt"\nGET /b',
    'shared/all.txt': 'GET /shared',
  })
  const { output, saidAfter, interrupt, ended } = start('specs/**/*.txt', '--watch')
  /** The requests after a change, until a run with this one has ended. */
  const since = async (change: Record<string, string>, wanted: string) => {
    const [before, at] = [project.service.seen.length, output().length]
    await writeFiles(folder, change)
    await saidAfter(at, text => text.includes('Waiting for changes') && urls(project).slice(before).includes(wanted))
    return urls(project).slice(before)
  }
  await saidAfter(0, text => text.includes('Waiting for changes'))
  expect(urls(project).sort()).toEqual(['/b', '/first', '/shared', '/two'])
  expect(await since({ 'specs/a.txt': 'Scenario: one\nGET /second' }, '/second')).not.toContain('/b')
  expect(await since({ 'shared/all.txt': 'GET /changed' }, '/changed')).toContain('/b')
  // The system may report the change before once more.
  expect(await since({ 'specs/new/c.txt': 'GET /new' }, '/new')).not.toContain('/second')
  interrupt()
  await ended
})

test('a line runs its scenario, also with --watch, and --debug stops at its sentence', async ({ project }) => {
  const { folder, start } = project
  const text = (last: string) => `Scenario: one
GET /one
GET /two

Tag: @timeout:50s @fail
Scenario: rows
GET /rows/\${id}
GET /${last}
Status Code Should Be 599
| id |
| 1  |
| 2  |
`
  await writeFiles(folder, { 'specs/a.txt': text('last') })
  const watching = start('specs/a.txt:11', '--watch')
  await watching.saidAfter(0, text => text.includes('Waiting for changes'))
  expect(urls(project)).toEqual(['/rows/1', '/last'])
  const at = watching.output().length
  await writeFiles(folder, { 'specs/a.txt': text('changed') })
  await watching.saidAfter(at, text => text.includes('Waiting for changes') && urls(project).includes('/changed'))
  expect(new Set(urls(project))).toEqual(new Set(['/rows/1', '/last', '/changed']))
  watching.interrupt()
  await watching.ended

  project.service.seen.length = 0
  const debugging = start('specs/a.txt:3', '--debug')
  const place = `${path.join(folder, 'specs/a.txt')}:3: GET /two`
  await debugging.saidAfter(0, text => /Waiting for a debugger at .*\n {2}ws:\S+\n/.test(text))
  expect(debugging.output()).toContain(place)
  expect(urls(project)).toEqual(['/one'])
  const socket = new WebSocket(/ws:\S+/.exec(debugging.output())?.[0] ?? '')
  await new Promise(resolve => socket.addEventListener('open', resolve))
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.runIfWaitingForDebugger' }))
  socket.close()
  expect(await debugging.ended).toBe(0)
  expect(urls(project)).toEqual(['/one', '/two'])
})
