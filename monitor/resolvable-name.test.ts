/** Names of hosts, with a real DNS server that answers for some names and not for others. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, test } from '@playwright/test'
import { createNameLookup } from './resolvable-name.ts'

/** Answers that a name has no address, and nothing at all for names that begin with `hang`. */
async function dnsServer() {
  const socket = createSocket('udp4')
  socket.on('message', (query, { port, address }) => {
    const name = query.subarray(13, 13 + (query[12] ?? 0)).toString()
    if (name.startsWith('hang')) return
    const answer = Buffer.from(query)
    // A response, with the code of "no such name".
    answer[2] = 0x81
    answer[3] = 0x83
    socket.send(answer, port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { servers: [`127.0.0.1:${socket.address().port}`], close: () => socket.close() }
}

test('names for which no server answers are left to the system one at a time; others do not wait for them', async () => {
  const { servers, close } = await dnsServer()
  const asked: { host: string; fail: (error: Error) => void }[] = []
  let onAsked: () => void = () => undefined
  const lookup = (host: string) =>
    new Promise<void>((_, fail) => {
      asked.push({ host, fail })
      onAsked()
    })
  const { resolvable } = createNameLookup({ servers, timeoutMs: 300, lookup })
  const stopping = new AbortController()
  const names = [1, 2, 3].map(number => `hang-${number}.example`)
  const hanging = names.map(name => resolvable(name, stopping.signal).catch((error: Error) => error.message))
  await new Promise<void>(resolve => {
    onAsked = resolve
  })
  const { signal } = new AbortController()
  for (const host of ['127.0.0.1', '[::1]', 'localhost', 'good.example']) await resolvable(host, signal)
  // Which of the names is the first depends on the network.
  expect(asked).toHaveLength(1)
  const [first] = asked
  const next = new Promise<void>(resolve => {
    onAsked = resolve
  })
  first?.fail(new Error('EAI_AGAIN'))
  await next
  expect(asked).toHaveLength(2)
  // Who gives up does not wait for the system.
  stopping.abort(new Error('no time left'))
  const results = await Promise.all(hanging)
  expect(results).toEqual(names.map(name => (name === first?.host ? 'EAI_AGAIN' : 'no time left')))
  close()
})
