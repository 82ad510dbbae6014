import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { membersOf } from '../../postgres/run/watchdog/process-group.mjs'
import { test } from '../../testing/nested-monitor/nested-monitor.ts'

test('a run that is killed leaves no process and no folder', async ({ serve, project }) => {
  let arrived: (headers: unknown) => void = () => undefined
  const middle = new Promise(resolve => {
    arrived = resolve
  })
  const base = await serve(({ url }) => arrived(url))
  const monitor = await project(base, {
    checks: { users: { specs: 'a.spec.ts' } },
    files: {
      'a.spec.ts': `test('hangs', async ({ request }) => { await request.get('/?' + process.ppid + '&' + process.env.TMPDIR) })`,
    },
  })
  const { process: command } = monitor.start(['run'])
  const [leader, scratch] = String(await middle)
    .slice(2)
    .split('&')
  expect(await membersOf(Number(leader))).not.toEqual([])
  expect((await stat(path.dirname(scratch ?? ''))).mode & 0o777).toBe(0o700)
  const exited = once(command, 'exit')
  command.kill('SIGKILL')
  await exited
  await expect.poll(() => membersOf(Number(leader))).toEqual([])
  await expect.poll(() => stat(path.dirname(scratch ?? '')).catch(({ code }) => code)).toBe('ENOENT')
})

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  test(`a run that receives ${signal} ends in order, with all that it has started, and lists what was not tried`, async ({
    serve,
    project,
  }) => {
    let arrived: (url: unknown) => void = () => undefined
    const middle = new Promise(resolve => {
      arrived = resolve
    })
    const base = await serve(({ url }) => arrived(url))
    const monitor = await project(base, {
      checks: { users: { specs: 'a.spec.ts' } },
      files: {
        // With a process group and an environment of its own, as a browser may have.
        'a.spec.ts': `test('hangs', async ({ request }) => {
          const { spawn } = await import('node:child_process')
          const idle = ['-e', 'setInterval(() => {}, 1000)']
          const { pid } = spawn(process.execPath, idle, { detached: true, stdio: 'ignore', env: {} })
          await request.get('/?' + pid)
        })`,
      },
    })
    const { process: command, result } = monitor.start(['run', '--json'])
    const started = Number(String(await middle).slice(2))
    expect(await membersOf(started)).toHaveLength(1)
    command.kill(signal)
    const { code, stdout } = await result
    expect(code).toBe(1)
    expect(JSON.parse(stdout).checks).toMatchObject([
      { outcome: 'unknown', reason: 'interrupted: the run was stopped' },
    ])
    expect(await membersOf(started)).toEqual([])
  })
