import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { startService } from '../fixtures/testing/service.ts'
import { childEnvironment } from '../testing/child-environment.ts'
import { commandLine } from '../testing/command-line/command-line.ts'
import { projectFolder, writeFiles } from '../testing/project-folder.ts'

test('--watch runs a file again when it changes', async () => {
  const service = await startService()
  const folder = projectFolder()
  await writeFiles(folder, {
    'playwright.config.ts': `
      import { plainEnglish } from '../../../plain-english/playwright/project.ts'
      const english = plainEnglish({ folder: import.meta.dirname, files: '*.txt' })
      export default {
        reporter: 'line',
        outputDir: 'test-results',
        globalSetup: '../../../postgres/global-setup.ts',
        projects: [{ name: 'english', ...english, use: { baseURL: ${JSON.stringify(service.url)} } }],
      }`,
    'a.txt': 'GET /first',
    'b.txt': 'GET /other',
  })
  const [program = '', ...args] = commandLine()
  const child = spawn(program, [...args, 'plain-english', 'run', 'a.txt', '--watch'], {
    cwd: folder,
    env: childEnvironment({}),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let output = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text
    child.emit('said')
  })
  const waiting = async (count: number) => {
    while (output.split('Waiting for changes').length <= count) await once(child, 'said')
  }
  await waiting(1)
  expect(service.seen.map(({ url }) => url)).toEqual(['/first'])
  await writeFile(path.join(folder, 'a.txt'), 'GET /second')
  await waiting(2)
  expect(service.seen.map(({ url }) => url)).toContain('/second')
  expect(service.seen.map(({ url }) => url)).not.toContain('/other')
  child.kill('SIGINT')
  await ended
  await service.close()
  await rm(folder, { recursive: true, force: true })
})
