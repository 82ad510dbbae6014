import { expect, test } from '@playwright/test'
import { Turns } from './connection-lock.ts'

const refusal = (waiter: string, holder: string) => new Error(`${waiter} waits for ${holder}`)

test('turns are given in the order in which they were asked for', async () => {
  const turns = new Turns<string>(1000, refusal)
  const order: string[] = []
  expect(turns.take('a')).toBeUndefined()
  const waits = ['b', 'c', 'd'].map(who => turns.take(who)?.then(() => order.push(who)))
  turns.pass()
  turns.pass()
  turns.pass()
  await Promise.all(waits)
  expect(order).toEqual(['b', 'c', 'd'])
  expect(turns.holder).toBe('d')
})

test('who waits for an idle holder is refused, and the next in line goes on waiting for its own time', async () => {
  const turns = new Turns<string>(20, refusal)
  turns.take('holder')
  const first = turns.take('first')
  turns.holderIsIdle()
  await expect(first).rejects.toThrow('first waits for holder')
  const second = turns.take('second')
  turns.pass()
  await expect(second).resolves.toBeUndefined()
})

test('a holder that works tries nobody’s patience; its idle times add up', async () => {
  const turns = new Turns<string>(30, refusal)
  turns.take('holder')
  let refused: unknown
  turns.take('waiter')?.catch(error => {
    refused = error
  })

  // Another waiter of as much patience loses it meanwhile.
  const others = new Turns<string>(30, refusal)
  others.take('idle holder')
  others.holderIsIdle()
  await expect(others.take('other waiter')).rejects.toThrow()
  expect(refused).toBeUndefined()

  for (let pauses = 0; refused === undefined && pauses < 1e6; pauses++) {
    turns.holderIsIdle()
    await new Promise(resolve => setImmediate(resolve))
    turns.holderIsBusy()
  }
  expect(refused).toMatchObject({ message: 'waiter waits for holder' })
})

test('a waiter that is taken out of the queue is told, and not given a turn', async () => {
  const turns = new Turns<string>(1000, refusal)
  turns.take('holder')
  const gone = turns.take('gone')
  const next = turns.take('next')
  turns.remove('gone', new Error('the client has gone'))
  await expect(gone).rejects.toThrow('the client has gone')
  turns.pass()
  await next
  expect(turns.holder).toBe('next')
})
