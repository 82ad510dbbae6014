/** The five tests that every client has to pass, over each way of connecting. */
import { expect } from '@playwright/test'
import { test, type Way } from './client-fixture.ts'

/** Operations on the table `t (id int primary key, v text unique)`, in terms of the client's API. */
export interface Work {
  insert(id: number, v: string): Promise<unknown>
  /** Returns the row's `v`; null or undefined if the row does not exist. */
  read(id: number): Promise<string | null | undefined>
  update(id: number, v: string): Promise<unknown>
  remove(id: number): Promise<unknown>
  /** Runs a transaction of the client on one of its connections; inside another, a nested one. */
  transaction(work: (inside: Work) => Promise<void>): Promise<unknown>
}

interface Client extends Work {
  close(): Promise<unknown>
}

interface Subject {
  /** Connects the client; its pool, if it has one, may open four connections. */
  connect(way: Way): Client | Promise<Client>
  /** The client's error for a duplicate value; by default one with the server's code. */
  uniqueViolation?: Record<string, unknown>
}

/** Declares the tests of one client for each of its ways of connecting. */
export function worksAsOnAServer(ways: ReadonlyArray<'tcp' | 'memory'>, subject: Subject): void {
  const { uniqueViolation = { code: '23505' } } = subject
  for (const way of ways) {
    const clientTest = test.extend<{ client: Client }>({
      client: [
        // Playwright takes the required fixtures from these parameter names.
        way === 'tcp'
          ? async ({ tcp }, use) => using(await subject.connect(tcp), use)
          : async ({ memory }, use) => using(await subject.connect(memory), use),
        { scope: 'test' },
      ],
    })

    clientTest.describe(way === 'tcp' ? 'by TCP' : 'in process', () => {
      clientTest('creates, reads, updates and deletes', async ({ client }) => {
        await client.insert(1, 'one')
        expect(await client.read(1)).toBe('one')
        await client.update(1, 'uno')
        expect(await client.read(1)).toBe('uno')
        await client.remove(1)
        expect(await client.read(1)).toBeFalsy()
        await client.insert(1, 'again')
      })

      clientTest('continues after a unique violation, outside a transaction and after one', async ({ client }) => {
        await client.insert(1, 'one')
        expect(await failureOf(client.insert(2, 'one'))).toMatchObject(uniqueViolation)
        await client.insert(2, 'two')
        const transaction = client.transaction(async inside => {
          await inside.insert(3, 'three')
          await inside.insert(4, 'two')
        })
        expect(await failureOf(transaction)).toMatchObject(uniqueViolation)
        expect(await client.read(3)).toBeFalsy()
        await client.insert(3, 'three, again')
        expect(await client.read(2)).toBe('two')
      })

      clientTest('continues after a unique violation in a nested transaction', async ({ client }) => {
        await client.insert(1, 'one')
        await client.transaction(async outer => {
          await outer.insert(2, 'two')
          const nested = outer.transaction(async inner => {
            await inner.insert(3, 'three')
            await inner.insert(4, 'one')
          })
          expect(await failureOf(nested)).toMatchObject(uniqueViolation)
          expect(await outer.read(3)).toBeFalsy()
          await outer.insert(4, 'four')
        })
        expect(await Promise.all([1, 2, 4].map(id => client.read(id)))).toEqual(['one', 'two', 'four'])
        expect(await client.read(3)).toBeFalsy()
      })

      clientTest('rolls back a nested transaction alone, or all of it', async ({ client }) => {
        const changeOfMind = new Error('changed my mind')
        await client.transaction(async outer => {
          await outer.insert(1, 'outer')
          await outer.transaction(inner => inner.insert(2, 'kept').then(() => undefined))
          const nested = outer.transaction(async inner => {
            await inner.update(1, 'inner')
            throw changeOfMind
          })
          expect(await failureOf(nested)).toBe(changeOfMind)
          expect(await outer.read(1)).toBe('outer')
        })
        expect([await client.read(1), await client.read(2)]).toEqual(['outer', 'kept'])
        const all = client.transaction(async outer => {
          await outer.transaction(inner => inner.update(1, 'lost').then(() => undefined))
          throw changeOfMind
        })
        expect(await failureOf(all)).toBe(changeOfMind)
        expect(await client.read(1)).toBe('outer')
      })

      clientTest('runs queries and transactions in parallel', async ({ client }) => {
        const ids = Array.from({ length: 10 }, (_, index) => index)
        await Promise.all(ids.map(id => client.insert(id, `row ${id}`)))
        expect(await Promise.all(ids.map(id => client.read(id)))).toEqual(ids.map(id => `row ${id}`))
        await Promise.all(
          ids.map(id =>
            client.transaction(async inside => {
              await inside.update(id, `${await inside.read(id)}, seen`)
            }),
          ),
        )
        expect(await Promise.all(ids.map(id => client.read(id)))).toEqual(ids.map(id => `row ${id}, seen`))
      })
    })
  }
}

/** Returns the reason of a rejected promise. Throws if it is fulfilled. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('This was to fail, and did not.')
    },
    error => error,
  )
}

async function using(client: Client, use: (client: Client) => Promise<void>): Promise<void> {
  await use(client)
  await client.close()
}
