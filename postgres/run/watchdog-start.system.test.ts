/** The start of the watchdog on a machine that has too little left. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from '@playwright/test'
import { withoutDescriptors } from '../../testing/without-descriptors.ts'
import { startWatchdog } from './watchdog.ts'

test('a watchdog that cannot be started is started later, and then knows what it has to end', async () => {
  test.skip(process.platform !== 'linux', 'The limit of a process that runs can only be changed on Linux.')
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' })
  const exited = once(child, 'exit')
  const watchdog = await withoutDescriptors(async () => {
    const started = startWatchdog()
    started.send({ undo: 'processes', leader: Number(child.pid) })
    return started
  })
  await watchdog.close()
  expect(await exited).toEqual([null, 'SIGTERM'])
})
