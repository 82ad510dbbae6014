import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from '@playwright/test'
import { withoutDescriptors } from '../testing/without-descriptors.ts'
import { endOfProcess } from './end-of-process.ts'
import { lastOutputOf } from './last-output.ts'
import { withStreams } from './spawned-streams.ts'

test('without a file descriptor left, a process ends with an error, and its streams are empty', async () => {
  test.skip(process.platform !== 'linux', 'The limit of a process that runs can only be changed on Linux.')
  const { end, output } = await withoutDescriptors(async () => {
    const child = withStreams(spawn(process.execPath, ['--version']))
    const ended = endOfProcess(child)
    const written = lastOutputOf([child.stdout, child.stderr], 100)
    child.stdin.write('to nothing\n')
    child.stdin.end()
    await Promise.all([once(child.stdout, 'end'), once(child.stderr, 'end')])
    return { end: await ended, output: written.text() }
  })
  expect(end).toMatch(/^cannot be run \(spawn .* EMFILE\)$/)
  expect(output).toBe('')
})

test('a process that is started keeps its streams', async () => {
  const child = withStreams(spawn(process.execPath, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] }))
  expect([child.stdin, child.stderr]).toEqual([null, null])
  const written = lastOutputOf([child.stdout], 100)
  expect(await endOfProcess(child)).toBe('ended with exit code 0')
  expect(written.text()).toBe(process.version)
})
