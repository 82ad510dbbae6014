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
  test(`a run that receives ${signal} ends in order and lists what was not tried`, async ({ serve, project }) => {
    let arrived: () => void = () => undefined
    const middle = new Promise<void>(resolve => {
      arrived = resolve
    })
    const base = await serve(() => arrived())
    const monitor = await project(base, {
      checks: { users: { specs: 'a.spec.ts' } },
      files: { 'a.spec.ts': `test('hangs', async ({ request }) => { await request.get('/') })` },
    })
    const { process: command, result } = monitor.start(['run', '--json'])
    await middle
    command.kill(signal)
    const { code, stdout } = await result
    expect(code).toBe(1)
    expect(JSON.parse(stdout).checks).toMatchObject([
      { outcome: 'unknown', reason: 'interrupted: the run was stopped' },
    ])
  })
