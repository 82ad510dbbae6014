/** Functions of the configuration that send messages. */
import { expect, test } from '../../../testing/test.ts'
import { custom } from '../../index.ts'
import { NotTaken } from '../not-taken.ts'
import { sendNotice } from '../send-notice.ts'
import type { CustomChannel } from './custom.ts'

const send = (functionOfUser: CustomChannel['send'], signal = AbortSignal.timeout(5000)) =>
  sendNotice(
    { name: 'desk', channel: custom(functionOfUser), env: { PAGER_TOKEN: 'canary-4711' } },
    { message: { kind: 'test', at: '2030-03-01T00:00:00+00:00' }, idempotencyKey: 'key-1' },
    signal,
  )

test('a function that never settles is not waited for longer than the attempt', async () => {
  const error = await send(() => new Promise(() => undefined), AbortSignal.timeout(50)).catch(error => error)
  expect(error).toBeInstanceOf(NotTaken)
  expect(error.message).toBe('Channel desk did not answer in time.')
})

test('a function reads secrets, which its errors do not contain', async () => {
  const failing = send(async (_notice, { secret }) => {
    throw new Error(`401 for ${secret('PAGER_TOKEN')}`)
  })
  await expect(failing).rejects.toThrow('The function of channel desk failed: 401 for [PAGER_TOKEN]')
  const missing = send(async (_notice, { secret }) => void secret('OTHER_TOKEN'))
  await expect(missing).rejects.toThrow('set the environment variable OTHER_TOKEN')
})

test('a function that throws at once has failed', async () => {
  const failing = send(() => {
    throw new Error('no pager')
  })
  await expect(failing).rejects.toThrow('The function of channel desk failed: no pager')
})

test('a function that returns no promise has not accepted the message', async () => {
  for (const returned of [undefined, true, {}]) {
    // As in a configuration whose types are not checked.
    const error = await send((() => returned) as never).catch(error => error)
    expect(error).not.toBeInstanceOf(NotTaken)
    expect(error.message).toMatch(/^The function of channel desk returned no promise, .*: make it async, and await/)
  }
})
