/** Names of hosts, with a real DNS server that answers for some names and not for others. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, test } from '../testing/test.ts'
import { createNameLookup } from './resolvable-name.ts'

/**
 * Answers that a name has no address, and nothing at all for names that begin with `hang`. Those that begin with `four` have an
 * IPv4 address, and no answer for IPv6.
 */
async function dnsServer() {
  const socket = createSocket('udp4')
  socket.on('message', (query, { port, address }) => {
    const name = query.subarray(13, 13 + (query[12] ?? 0)).toString()
    const question = query.subarray(12, query.indexOf(0, 12) + 5)
    const isForIPv6 = question.at(-3) === 28
    if (name.startsWith('hang') || (name.startsWith('four') && isForIPv6)) return
    const isKnown = name.startsWith('four')
    // The id, a response with a code (3: no such name), and the numbers of questions and answers.
    const header = [...query.subarray(0, 2), 0x81, isKnown ? 0x80 : 0x83, 0, 1, 0, isKnown ? 1 : 0, 0, 0, 0, 0]
    // The name of the question, its type and class, 60 seconds, 4 bytes.
    const record = isKnown ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1] : []
    socket.send(Buffer.from([...header, ...question, ...record]), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { servers: [`127.0.0.1:${socket.address().port}`], close: () => socket.close() }
}

/** Looks names up as the system would, when the test says so. */
function systemLookup() {
  const asked: { host: string; find: () => void; fail: (error: Error) => void }[] = []
  let onAsked: () => void = () => undefined
  return {
    asked,
    lookup: (host: string) =>
      new Promise<void>((find, fail) => {
        asked.push({ host, find, fail })
        onAsked()
      }),
    /** Resolves when the next name is asked for. */
    next: () =>
      new Promise<void>(resolve => {
        onAsked = resolve
      }),
  }
}

test('names for which no server answers are left to the system one at a time; others do not wait for them', async () => {
  const { servers, close } = await dnsServer()
  const { asked, lookup, next } = systemLookup()
  // With the usual time: the server runs in this process, and may have to wait for a processor.
  const { resolvable } = createNameLookup({ servers, lookup })
  const stopping = new AbortController()
  const names = [1, 2, 3].map(number => `hang-${number}.example`)
  const hanging = names.map(name => resolvable(name, stopping.signal).catch((error: Error) => error.message))
  await next()
  const { signal } = new AbortController()
  for (const host of ['127.0.0.1', '[::1]', 'localhost', 'good.example']) await resolvable(host, signal)
  // Which of the names is the first depends on the network.
  expect(asked).toHaveLength(1)
  const [first] = asked
  const second = next()
  first?.fail(new Error('EAI_AGAIN'))
  await second
  expect(asked).toHaveLength(2)
  // Who gives up does not wait for the system.
  stopping.abort(new Error('no time left'))
  const results = await Promise.all(hanging)
  expect(results).toEqual(names.map(name => (name === first?.host ? 'EAI_AGAIN' : 'no time left')))
  close()
})

test('a name that only the system knows waits for no other once it was found, also by an attempt that had ended', async () => {
  const { servers, close } = await dnsServer()
  const { asked, lookup, next } = systemLookup()
  const { resolvable } = createNameLookup({ servers, timeoutMs: 50, lookup })
  const { signal } = new AbortController()
  const stopping = new AbortController()
  const first = next()
  const late = resolvable('hang-vpn.example', stopping.signal).catch((error: Error) => error.message)
  await first
  stopping.abort(new Error('no time left'))
  expect(await late).toBe('no time left')
  asked[0]?.find()
  const second = next()
  const hanging = resolvable('hang.example', signal).catch((error: Error) => error.message)
  await second
  const third = next()
  const again = resolvable('hang-vpn.example', signal)
  await third
  expect(asked.map(({ host }) => host)).toEqual(['hang-vpn.example', 'hang.example', 'hang-vpn.example'])
  asked[2]?.find()
  await again
  asked[1]?.fail(new Error('EAI_AGAIN'))
  expect(await hanging).toBe('EAI_AGAIN')
  close()
})

test('a name with an address of one family is known, whatever the servers do for the other', async () => {
  const { servers, close } = await dnsServer()
  const { asked, lookup } = systemLookup()
  const { resolvable } = createNameLookup({ servers, timeoutMs: 10_000, lookup })
  await resolvable('four.example', new AbortController().signal)
  expect(asked).toEqual([])
  close()
})
