import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect } from '@playwright/test'
import { commandLine } from '../testing/built/built-modules.ts'
import { childEnvironment } from '../testing/child-environment.ts'
import { test } from '../testing/nested-monitor/nested-monitor.ts'

const command = () => [...commandLine(), 'monitor', 'run']
/** Runs its arguments in a pseudo-terminal. */
const inTerminal = ['/usr/bin/python3', '-c', 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)']

test("colours and progress appear on a terminal only, and the report's path comes last", async ({ project }) => {
  const monitor = await project('http://127.0.0.1:1', {
    checks: { users: { specs: 'a.spec.ts' } },
    files: { 'a.spec.ts': `test('answers', async ({ request }) => { await request.get('/') })` },
  })
  const shown = await run([...inTerminal, ...command()], monitor.folder)
  expect(shown).toMatchObject({ code: 1, stderr: '' })
  expect(shown.stdout).toContain('users  \u001b[31mfailed \u001b[39m')
  expect(shown.stdout).toContain('1 spec, 1 failed  answers')
  expect(shown.stdout).toContain('\r\u001b[2K')

  const piped = await run(command(), monitor.folder)
  expect(piped).toMatchObject({ code: 1, stderr: '' })
  expect(piped.stdout).toMatch(/^users {2}failed {3}1 spec, \d+ ms\n/)
  expect(piped.stdout).not.toContain('\u001b')
  expect(piped.stdout).toMatch(/\n\nReport: \.reprise\/runs\/\S+\/index\.html\n$/)
})

async function run([program = '', ...args]: string[], folder: string) {
  const { NO_COLOR: _, ...env } = childEnvironment({ TERM: 'xterm' })
  const child = spawn(program, args, {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, stdout, stderr }
}
