/** A monitor that is killed while it delivers, and another one that continues. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect, mergeTests } from '@playwright/test'
import type pg from 'pg'
import { type Channel, email, webhook } from '../index.ts'
import { test as mailboxTest } from '../testing/mailbox-fixture.ts'
import { type Receiver, test as receiverTest } from '../testing/receiver-fixture.ts'
import { monitor, replay } from '../testing/store-fixture.ts'

const main = path.join(import.meta.dirname, '../testing/killed-deliveries/main.ts')

const test = mergeTests(receiverTest, mailboxTest).extend<{
  deliver: (channels: Record<string, Channel>) => ChildProcess
}>({
  deliver: async ({ emptyDatabase, pool: _ }, use) => {
    const children: ChildProcess[] = []
    await use(channels => {
      const child = fork(main, [emptyDatabase.url, JSON.stringify(channels)], { execArgv: ['--import', 'tsx'] })
      children.push(child)
      return child
    })
    await Promise.all(children.map(kill))
  },
})

async function kill(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

const keys = ({ received }: Receiver) => received.map(({ headers }) => headers['idempotency-key'])

const waiting = async (pool: pg.Pool) =>
  (
    await pool.query<{ channel: string }>(
      'select channel from reprise.outbox where delivered_at is null order by channel',
    )
  ).rows.map(({ channel }) => channel)

test('a monitor that is killed between two channels, and between two recipients, sends nothing twice and loses nothing', async ({
  pool,
  receiver: fast,
  second: slow,
  mailbox,
  deliver,
}) => {
  await monitor(pool, { name: 'users', channels: ['fast', 'slow', 'mail'] })
  for (const seconds of [400, 300]) await replay(pool, 'users', seconds, 'failed')
  let isSlow = true
  slow.answers = [() => undefined]
  const rcptTo: string[] = []
  const port = await mailbox.listen({
    onRcptTo: ({ address }, _session, done) => {
      rcptTo.push(address)
      if (!isSlow || address.startsWith('first')) done()
    },
  })
  const channels = {
    fast: webhook({ url: fast.url }),
    slow: webhook({ url: slow.url }),
    mail: email({
      server: `smtp://127.0.0.1:${port}`,
      allowPlainText: true,
      from: 'monitor@example.com',
      to: ['first@example.com', 'second@example.com'],
    }),
  }
  const killed = deliver(channels)
  await expect.poll(() => waiting(pool)).toEqual(['mail', 'slow'])
  await expect.poll(() => [slow.received.length, rcptTo.length]).toEqual([1, 2])
  await kill(killed)
  // While no monitor runs, the check stays down.
  isSlow = false
  await replay(pool, 'users', 200, 'failed')
  // The attempts of the killed monitor count as under way for twenty seconds.
  await pool.query('update reprise.outbox set next_attempt = now() where delivered_at is null')
  deliver(channels)
  await expect.poll(() => waiting(pool)).toEqual([])
  await replay(pool, 'users', 100, 'passed')
  await expect
    .poll(() => [fast, slow].map(({ received }) => received.map(({ body }) => JSON.parse(body).kind)))
    .toEqual([
      ['down', 'up'],
      ['down', 'down', 'up'],
    ])
  expect(keys(slow)[1]).toBe(keys(slow)[0])
  await expect.poll(() => waiting(pool)).toEqual([])
  const mails = mailbox.mails.map(({ to, messageId }) => `${[to].flat()[0]?.text} ${messageId}`)
  expect(mails).toHaveLength(4)
  expect(mails.map(mail => mail.split(' ')[0])).toEqual(
    ['first', 'second', 'first', 'second'].map(name => `${name}@example.com`),
  )
  expect(new Set(mails.map(mail => mail.split(' ')[1])).size).toBe(2)
})
