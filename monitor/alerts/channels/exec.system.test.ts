import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { test as base, expect } from '@playwright/test'
import { withoutDescriptors } from '../../../testing/without-descriptors.ts'
import { exec, secret } from '../../index.ts'
import { NotTaken } from '../not-taken.ts'
import { sendNotice } from '../send-notice.ts'

const test = base.extend<{ folder: string }>({
  folder: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'reprise-exec-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
})

const message = { kind: 'test' as const, at: '2030-03-01T00:00:00+00:00' }
const script = async (folder: string, text: string) => {
  const file = path.join(folder, 'channel.mjs')
  await writeFile(file, text)
  return [process.execPath, file]
}
const send = (command: string[], ms = 5000, env = {}) =>
  sendNotice(
    { name: 'desk', channel: exec({ command, env }), env: { TOKEN: 'canary-4711' } },
    { message, idempotencyKey: 'key-1' },
    AbortSignal.timeout(ms),
  )

test('a command reads the message from its standard input, and has only the environment that is given', async ({
  folder,
}) => {
  const file = path.join(folder, 'received.json')
  const command = await script(
    folder,
    `import { readFileSync, writeFileSync } from 'node:fs'
     writeFileSync(${JSON.stringify(file)}, JSON.stringify({ event: JSON.parse(readFileSync(0)), env: process.env }))`,
  )
  process.env.REPRISE_CANARY = 'of the monitor'
  await send(command, 5000, { TOKEN: secret('TOKEN') })
  delete process.env.REPRISE_CANARY
  const { event, env } = JSON.parse(await readFile(file, 'utf8'))
  expect(event).toEqual({ version: 1, idempotencyKey: 'key-1', ...message })
  expect(env.TOKEN).toBe('canary-4711')
  expect(env.REPRISE_CANARY).toBeUndefined()
})

test('a command that fails is not accepted; its output is shown without secrets', async ({ folder }) => {
  const command = await script(folder, `console.error('no such pager', process.env.TOKEN); process.exitCode = 3`)
  await expect(send(command, 5000, { TOKEN: secret('TOKEN') })).rejects.toThrow(
    /^The command of channel desk exited with 3: no such pager (?!canary)/,
  )
})

test('a command that does not read its input is accepted by its exit code', async ({ folder }) => {
  expect(await send(await script(folder, 'process.exit(0)'))).toMatchObject({ answer: 'the command exited with 0' })
})

test('a command that never ends is ended with all that it has started', async ({ folder }) => {
  const file = path.join(folder, 'pid')
  const command = await script(
    folder,
    `import { spawn } from 'node:child_process'
     import { writeFileSync } from 'node:fs'
     const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
     writeFileSync(${JSON.stringify(file)}, String(child.pid))
     setInterval(() => {}, 1000)`,
  )
  const ending = new AbortController()
  const sending = sendNotice(
    { name: 'desk', channel: exec({ command }), env: {} },
    { message, idempotencyKey: 'key-1' },
    ending.signal,
  )
  const pid = await until(() => readFile(file, 'utf8').then(Number, () => undefined))
  ending.abort()
  await expect(sending).rejects.toThrow('The command of channel desk did not end in time.')
  await until(async () => !isAlive(pid) || undefined)
})

test('a command that ignores SIGTERM is ended by the timeout', async ({ folder }) => {
  const command = await script(
    folder,
    `process.on('SIGTERM', () => undefined)
     setInterval(() => {}, 1000)`,
  )
  await expect(send(command, 500)).rejects.toThrow('The command of channel desk did not end in time.')
})

test('a command that never ends does not outlive a monitor that is killed', async ({ folder }) => {
  test.skip(process.platform === 'win32', 'There are no process groups on Windows.')
  const file = path.join(folder, 'pid')
  const command = await script(
    folder,
    `import { writeFileSync } from 'node:fs'
     writeFileSync(${JSON.stringify(file)}, String(process.pid))
     setInterval(() => {}, 1000)`,
  )
  const main = path.join(import.meta.dirname, '../../testing/killed-exec/main.ts')
  const sending = fork(main, command, { execArgv: ['--import', 'tsx'] })
  const pid = await until(() => readFile(file, 'utf8').then(Number, () => undefined))
  const exited = once(sending, 'exit')
  sending.kill('SIGKILL')
  await exited
  await until(async () => !isAlive(pid) || undefined)
})

test('of endless output only the beginning is kept', async ({ folder }) => {
  const command = await script(
    folder,
    `const line = 'x'.repeat(65536)
     const write = () => { while (process.stdout.write(line)); process.stdout.once('drain', write) }
     write()`,
  )
  const before = process.memoryUsage().rss
  await expect(send(command, 1000)).rejects.toThrow('did not end in time')
  expect(process.memoryUsage().rss - before).toBeLessThan(200e6)
})

test('a gigabyte of output is read and dropped, and the exit code counts', async () => {
  test.skip(process.platform === 'win32', 'There is no head on Windows.')
  const before = process.memoryUsage().rss
  const command = ['sh', '-c', 'printf "sent " && head -c 1000000000 /dev/zero && printf "the end" >&2']
  const { answer, text } = await send(command, 60_000)
  expect([answer, text]).toEqual(['the command exited with 0', 'sent'])
  expect(process.memoryUsage().rss - before).toBeLessThan(200e6)
})

test('a program that cannot be started is a fault of the settings, with the reason', async ({ folder }) => {
  const file = async (name: string, text: string, mode: number) => {
    await writeFile(path.join(folder, name), text, { mode })
    return path.join(folder, name)
  }
  const missing = 'there is no such program, or not the one that the first line of the file names: spawn .* ENOENT'
  const closed = 'it is a folder, or not executable: spawn .* EACCES'
  for (const [program, reason] of [
    ['./no-such-program', missing],
    ['no-such-program-in-the-path', missing],
    [await file('lost', '#!/no/such/interpreter\n', 0o755), missing],
    [await file('plain', '#!/bin/sh\n', 0o644), closed],
    [folder, closed],
  ] as const) {
    const error = await send([program]).catch(error => error)
    expect(error).not.toBeInstanceOf(NotTaken)
    expect(error.message).toMatch(
      new RegExp(`^The command of channel desk cannot be started: ${reason}\\. Write the path of a program\\.$`),
    )
  }
})

test('a value that cannot be passed to a program is a fault of the settings, which does not contain it', async () => {
  const sending = (value: string) =>
    sendNotice(
      {
        name: 'desk',
        channel: exec({ command: [process.execPath], env: { TOKEN: secret('TOKEN') } }),
        env: { TOKEN: value },
      },
      { message, idempotencyKey: 'key-1' },
      AbortSignal.timeout(5000),
    ).catch(String)
  expect(await sending('canary\0-4711')).toMatch(
    /^Error: The command of channel desk cannot be started: (?!.*canary).* null byte\. Write/,
  )
  expect(await sending('canary'.repeat(25_000))).toMatch(
    /^Error: The command of channel desk cannot be started: (?!.*canary).*E2BIG\. Write/,
  )
})

test('without a file descriptor left, a command is started later', async () => {
  test.skip(process.platform !== 'linux', 'The limit of a process that runs can only be changed on Linux.')
  const error = await withoutDescriptors(() => send([process.execPath, '--version']).catch(error => error))
  expect(error).toBeInstanceOf(NotTaken)
  expect(error.message).toMatch(/^The command of channel desk cannot be started: spawn .*EMFILE\.$/)
  expect((await send([process.execPath, '--version'])).text).toBe(process.version)
})

test('a command is not waited for when a process in a group of its own keeps its output open', async ({ folder }) => {
  const file = path.join(folder, 'pid')
  const command = await script(
    folder,
    `import { spawn } from 'node:child_process'
     import { writeFileSync } from 'node:fs'
     const source = 'setInterval(() => process.stdout.write("more"), 20)'
     const child = spawn(process.execPath, ['-e', source], { stdio: 'inherit', detached: true })
     writeFileSync(${JSON.stringify(file)}, String(child.pid))
     child.unref()
     process.stdout.write('sent', () => process.exit(0))`,
  )
  expect(await send(command)).toMatchObject({
    answer: 'the command exited with 0',
    text: expect.stringMatching(/^sent/),
  })
  // It is in no group that could be ended, but cannot write any more.
  const pid = Number(await readFile(file, 'utf8'))
  await until(async () => !isAlive(pid) || undefined)
})

test('output is read until its end, unless what the command has started keeps it open', async ({ folder }) => {
  const command = await script(
    folder,
    `import { spawn } from 'node:child_process'
     spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }).unref()
     process.stdout.write('sent', () => process.exit(0))`,
  )
  expect(await send(command)).toEqual({ answer: 'the command exited with 0', text: 'sent' })
})

async function until<T>(found: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const value = await found()
    if (value !== undefined) return value
    await pause(10)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
