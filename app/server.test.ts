import { EventEmitter, once } from 'node:events'
import { expect, test } from '../testing/test.ts'
import { serve } from './server.ts'

test('closing waits for a request in progress, and refuses the next', async () => {
  const moments = new EventEmitter()
  const begun = once(moments, 'begun')
  const server = await serve(
    async (_request, response) => {
      moments.emit('begun')
      await once(moments, 'finish')
      response.end('whole')
    },
    '127.0.0.1',
    0,
  )
  const answer = fetch(server.url).then(response => response.text())
  await begun
  const closed = server.close(5_000)
  await expect(fetch(server.url)).rejects.toThrow()
  moments.emit('finish')
  expect(await answer).toBe('whole')
  await closed
})

test('closing does not wait for keep-alive connections', async () => {
  const server = await serve((_request, response) => response.end(), '127.0.0.1', 0)
  await fetch(server.url).then(response => response.text())
  const begun = performance.now()
  await server.close(60_000)
  expect(performance.now() - begun).toBeLessThan(2_000)
})

test('closing ends a request that takes longer than the grace period', async () => {
  const moments = new EventEmitter()
  const begun = once(moments, 'begun')
  const server = await serve(() => moments.emit('begun'), '127.0.0.1', 0)
  const answer = fetch(server.url).catch(() => 'cut')
  await begun
  await server.close(50)
  expect(await answer).toBe('cut')
})

test('the error for a port in use has the port and a remedy', async () => {
  const server = await serve(() => undefined, '127.0.0.1', 0)
  const port = Number(new URL(server.url).port)
  await expect(serve(() => undefined, '127.0.0.1', port)).rejects.toThrow(`PORT ${port}: listen EADDRINUSE`)
  await server.close(0)
})
