import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@playwright/test'
import { callCommand } from './testing/called-command.ts'

test('a report that the monitor limits is sent again after the pause for which it asks', async () => {
  const reports: { event: string | undefined; at: number }[] = []
  const server = createServer((request, response) => {
    const event = /^\/heartbeats\/backup\/(\w+)/.exec(request.url ?? '')?.[1]
    const isFirst = !reports.some(report => report.event === event)
    reports.push({ event, at: performance.now() })
    if (event !== 'start' && isFirst) response.writeHead(429, { 'retry-after': '2' }).end()
    else response.end('OK')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const job = ['--', process.execPath, '--eval', '']
  const { stderr } = await callCommand(['monitor', 'heartbeat', 'backup', '--url', url, ...job], {
    env: { REPRISE_HEARTBEAT_TOKEN: 'token-of-the-backup-0123' },
  })
  server.close()
  expect(stderr).toBe('')
  const [first, second, ...more] = reports.filter(({ event }) => event !== 'start').map(({ at }) => at)
  expect(more).toEqual([])
  // A timer may fire a little early by this clock.
  expect(Number(second) - Number(first)).toBeGreaterThan(1900)
})
