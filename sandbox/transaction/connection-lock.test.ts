import { expect, test } from '../../testing/test.ts'
import { ConnectionLock } from './connection-lock.ts'

const refusal = (waiter: string, holder: string) => new Error(`${waiter} waits for ${holder}`)

test('grants the lock in the order of the requests', async () => {
  const lock = new ConnectionLock<string>(1000, refusal)
  const order: string[] = []
  expect(lock.take('a')).toBeUndefined()
  const waits = ['b', 'c', 'd'].map(who => lock.take(who)?.then(() => order.push(who)))
  lock.pass()
  lock.pass()
  lock.pass()
  await Promise.all(waits)
  expect(order).toEqual(['b', 'c', 'd'])
  expect(lock.holder).toBe('d')
})

test('a waiter behind an idle holder times out, and a later one has a timeout of its own', async () => {
  const lock = new ConnectionLock<string>(20, refusal)
  lock.take('holder')
  const first = lock.take('first')
  lock.markIdle()
  await expect(first).rejects.toThrow('first waits for holder')
  const second = lock.take('second')
  lock.pass()
  await expect(second).resolves.toBeUndefined()
})

test('only the idle times of a holder count against the patience, and they add up', async () => {
  const lock = new ConnectionLock<string>(30, refusal)
  lock.take('holder')
  let refused: unknown
  lock.take('waiter')?.catch(error => {
    refused = error
  })

  // Another waiter with the same patience uses it up meanwhile.
  const others = new ConnectionLock<string>(30, refusal)
  others.take('idle holder')
  others.markIdle()
  await expect(others.take('other waiter')).rejects.toThrow()
  expect(refused).toBeUndefined()

  for (let pauses = 0; refused === undefined && pauses < 1e6; pauses++) {
    lock.markIdle()
    await new Promise(resolve => setImmediate(resolve))
    lock.markBusy()
  }
  expect(refused).toMatchObject({ message: 'waiter waits for holder' })
})

test('time in which this process does not run does not count', async () => {
  const lock = new ConnectionLock<string>(100, refusal)
  lock.take('holder')
  const waiting = lock.take('waiter')
  lock.markIdle()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150)
  // The timers that are due run before the holder's next statement is read.
  await new Promise(resolve => setTimeout(resolve))
  lock.markBusy()
  lock.pass()
  await expect(waiting).resolves.toBeUndefined()
})

test('on a busy machine, the patience is longer, and the error has it', async () => {
  const refusals: [waiter: string, patience: number][] = []
  const lockOf = (patience: number, slowdown: number) => {
    const refuse = (waiter: string, holder: string, waited: number) => {
      refusals.push([waiter, waited])
      return refusal(waiter, holder)
    }
    const lock = new ConnectionLock<string>(patience, refuse, () => slowdown)
    lock.take('holder')
    lock.markIdle()
    return lock
  }
  const waits = [
    lockOf(60, 1).take('on a quiet machine'),
    lockOf(30, 4).take('on a busy machine'),
    lockOf(60, 20).take('with the longest patience'),
  ]
  await Promise.all(waits.map(wait => expect(wait).rejects.toThrow('waits for holder')))
  expect(refusals).toEqual([
    ['on a quiet machine', 60],
    ['on a busy machine', 120],
    ['with the longest patience', 300],
  ])
})

test('a removed waiter is rejected, and does not get the lock', async () => {
  const lock = new ConnectionLock<string>(1000, refusal)
  lock.take('holder')
  const gone = lock.take('gone')
  const next = lock.take('next')
  lock.remove('gone', new Error('the client has gone'))
  await expect(gone).rejects.toThrow('the client has gone')
  lock.pass()
  await next
  expect(lock.holder).toBe('next')
})
