import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, test } from '../../testing/test.ts'
import { reusableBufferSocket, reusableBufferSocketOf, writeOn } from './reusable-buffer-socket.ts'

/** Both ends of a connection, and a function that closes it. */
async function connected() {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = reusableBufferSocket().connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [accepted] = (await once(server, 'connection')) as [Socket]
  const end = async () => {
    client.destroy()
    server.close()
    await once(server, 'close')
  }
  return { client, served: reusableBufferSocketOf(accepted), end }
}

/** Resolves with the next `length` bytes; keeps each chunk as it arrived until then. */
function reading(socket: Socket, length: number): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  let left = length
  return new Promise(resolve => {
    const take = (chunk: Buffer) => {
      chunks.push(chunk)
      left -= chunk.length
      if (left > 0) return
      socket.off('data', take)
      resolve(chunks)
    }
    socket.on('data', take)
  })
}

test('a chunk keeps its contents during later reads, whatever its length', async () => {
  const { client, served, end } = await connected()
  for (const [from, to] of [
    [client, served],
    [served, client],
  ] as const) {
    const pieces = [1, 100, 16_000, 16_400, 70_000, 400_000, 5].map(length => randomBytes(length))
    const chunks: Buffer[] = []
    for (const piece of pieces) {
      const read = reading(to, piece.length)
      from.write(piece)
      chunks.push(...(await read))
    }
    expect(Buffer.concat(chunks).equals(Buffer.concat(pieces))).toBe(true)
  }
  await end()
})

test('forwarded chunks arrive unchanged, and their memory is reused for reads', async () => {
  const [first, second] = [await connected(), await connected()]
  const stretches = new Set<ArrayBufferLike>()
  first.served.on('data', (chunk: Buffer) => {
    stretches.add(chunk.buffer)
    writeOn(second.client, chunk)
    if (second.client.writableLength > 262_144) first.served.pause()
  })
  second.client.on('drain', () => first.served.resume())
  const pieces = Array.from({ length: 400 }, (_, index) => randomBytes(index % 4 === 0 ? 5000 : 100_000))
  const sent = Buffer.concat(pieces)
  const arriving = createHash('sha256')
  let left = sent.length
  const arrived = new Promise<string>(resolve => {
    second.served.on('data', (chunk: Buffer) => {
      arriving.update(chunk)
      left -= chunk.length
      if (left === 0) resolve(arriving.digest('hex'))
    })
  })
  for (const piece of pieces) await new Promise(resolve => first.client.write(piece, resolve))
  expect(await arrived).toBe(createHash('sha256').update(sent).digest('hex'))
  // Several hundred of the reads of 30 MB are long enough to be lent.
  expect([...stretches].filter(({ byteLength }) => byteLength === 65_536).length).toBeLessThan(30)
  await first.end()
  await second.end()
})

test('reads nothing while paused', async () => {
  const { client, served, end } = await connected()
  const read = reading(served, 5)
  served.pause()
  let isRead = false
  served.once('data', () => {
    isRead = true
  })
  await new Promise(resolve => client.write('hello', resolve))
  // The opposite direction works, in the same event loop.
  const answer = reading(client, 2)
  served.write('hi')
  await answer
  expect(isRead).toBe(false)
  served.resume()
  expect(Buffer.concat(await read).toString()).toBe('hello')
  await end()
})

test('each end gets the disconnect of the other, and the server counts no connection afterwards', async () => {
  const { client, served, end } = await connected()
  served.resume()
  const closed = once(served, 'close')
  await end()
  await closed
  expect(client.destroyed).toBe(true)
})
