import { once } from 'node:events'
import { expect, test } from '../../testing/test.ts'
import type { ClientPort } from './client-output.ts'
import { MemorySocket } from './memory-socket.ts'

/** A socket whose peer records events and replies to each chunk with `answer`. */
function socketTo(answer: (chunk: string, port: ClientPort) => void) {
  const log: string[] = []
  const socket = new MemorySocket(port => ({
    receive: chunk => {
      log.push(`receives ${chunk}`)
      answer(chunk.toString(), port)
      log.push(`has received ${chunk}`)
    },
    drained: () => undefined,
    disconnected: () => undefined,
  }))
  return { socket, log }
}

test('a chunk that the client writes during a reply is delivered after the earlier chunks', async () => {
  const { socket, log } = socketTo((chunk, port) => chunk === 'first' && port.send(Buffer.from('answer')))
  socket.on('data', () => {
    socket.write(Buffer.from('second'))
    socket.write(Buffer.from('third'))
  })
  socket.write(Buffer.from('first'))
  await expect.poll(() => log.at(-1)).toContain('third')
  expect(log.join()).toMatch(/^receives first,has received first,receives second/)
})

test('a paused peer receives nothing until it resumes', async () => {
  let resume: (() => void) | undefined
  const { socket, log } = socketTo((chunk, port) => {
    if (chunk !== 'first') return
    port.pause()
    resume = port.resume
  })
  socket.write(Buffer.from('first'))
  const written = new Promise(resolve => socket.write(Buffer.from('second'), resolve))
  expect(log).toEqual(['receives first', 'has received first'])
  resume?.()
  await written
  expect(log.slice(2)).toEqual(['receives second', 'has received second'])
})

test('a client receives data in the way that it chose: as text, or when it calls read', async () => {
  const { socket } = socketTo((chunk, port) => port.send(Buffer.from(chunk)))
  socket.setEncoding('utf8')
  const said = once(socket, 'data')
  socket.write(Buffer.from('grüße'))
  expect(await said).toEqual(['grüße'])
  const { socket: paused } = socketTo((chunk, port) => port.send(Buffer.from(chunk)))
  paused.pause()
  paused.write(Buffer.from('later'))
  expect(String(paused.read())).toBe('later')
})
