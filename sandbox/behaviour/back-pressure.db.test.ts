/** A slow reader or writer slows down the other side, and memory stays bounded. */
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { expect } from '@playwright/test'
import pg from 'pg'
import type { SandboxPool } from '../pool.ts'
import { Backend, frame } from '../protocol/backend-messages.ts'
import { FrameReader } from '../protocol/frames.ts'
import { bindAndExecute, Frontend, flush, parse, query, sync } from '../protocol/frontend-messages.ts'
import type { Sandbox } from '../sandbox.ts'
import { impatience, scalar, test as withSandbox } from '../testing/sandbox-fixture.ts'

/** In a worker of its own: in one that has run other tests, garbage is collected later. */
const test = withSandbox.extend<object, { ownWorker: undefined }>({
  ownWorker: [async ({}, use) => use(undefined), { scope: 'worker', auto: true }],
})

const count = 'select count(*)::int from t'
const megabyte = 1_000_000
/** The bytes that a test transfers. Set REPRISE_TEST_STREAM_MEGABYTES to 1000 for a long run. */
const total = Number(process.env.REPRISE_TEST_STREAM_MEGABYTES ?? 200) * megabyte
const rowLength = 1000
/**
 * The allowed growth of memory, garbage included, independent of `total`. The client runs in this process as well, and
 * its garbage is collected late on a busy machine.
 */
const allowed = 100 * megabyte

/** The connection of a logged-in client, without the listeners of `pg`. */
type Raw = { socket: Duplex; reader: FrameReader }

async function rawClient(url: string, pool?: SandboxPool): Promise<Raw> {
  const client = new pg.Client(pool ? pool.options : url)
  await client.connect()
  const socket = client.connection.stream
  for (const event of ['data', 'error', 'close', 'end']) socket.removeAllListeners(event)
  socket.pause()
  socket.on('error', () => undefined)
  return { socket, reader: new FrameReader(new Set([Backend.DataRow, Backend.CopyData])) }
}

/** Reads up to a ReadyForQuery; returns the number of bytes and the errors. */
function untilReady({ socket, reader }: Raw): Promise<{ bytes: number; errors: string[] }> {
  let bytes = 0
  const errors: string[] = []
  return new Promise(resolve => {
    const take = (chunk: Buffer) => {
      bytes += chunk.length
      reader.read(chunk, (type, message) => {
        if (type === Backend.ErrorResponse) errors.push(message.toString('utf8', 5))
        if (type !== Backend.ReadyForQuery) return
        socket.pause()
        socket.off('data', take)
        resolve({ bytes, errors })
      })
    }
    socket.on('data', take)
    socket.resume()
  })
}

/** Writes and, when the stream's buffer is full, waits for 'drain'. */
async function write(socket: Duplex, bytes: Buffer): Promise<void> {
  if (!socket.write(bytes)) await once(socket, 'drain')
}

/** The peak growth of this process's memory during the work. */
async function growth(work: (sample: () => void) => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage.rss()
  let most = before
  await work(() => {
    most = Math.max(most, process.memoryUsage.rss())
  })
  return most - before
}

/** Waits until the backend is blocked on this wait event. */
async function stuck(outside: pg.Client, waitsFor: string): Promise<void> {
  const waiting = `select count(*)::int from pg_stat_activity where datname = current_database() and wait_event = '${waitsFor}'`
  await expect.poll(() => scalar(outside, waiting)).toBe(1)
}

const rows = (bytes: number) => query(`select repeat('x', ${rowLength}) from generate_series(1, ${bytes / rowLength})`)

const clients = ['over TCP', 'in process'] as const
const connect = (how: (typeof clients)[number], sandbox: Sandbox, pool: SandboxPool) =>
  rawClient(sandbox.url, how === 'in process' ? pool : undefined)

for (const how of clients) {
  test(`rows stream to a slow client with bounded memory (${how})`, async ({ sandbox, pool, outside }) => {
    sandbox.open()
    const client = await connect(how, sandbox, pool)
    const grown = await growth(async sample => {
      client.socket.write(rows(total))
      // The client reads nothing for a while: nothing may be buffered for it meanwhile.
      await stuck(outside, 'ClientWrite')
      sample()
      const ticks = setInterval(sample, 20)
      expect((await untilReady(client)).bytes).toBeGreaterThan(total)
      clearInterval(ticks)
    })
    expect(grown).toBeLessThan(allowed)
    client.socket.destroy()
    expect(await scalar(pool, 'select 7')).toBe(7)
    await sandbox.close()
  })

  test(`a client sends COPY data to a slow server with bounded memory (${how})`, async ({ sandbox, pool, outside }) => {
    sandbox.open()
    await makeSlowTable(outside)
    await outside.query('select pg_advisory_lock(4711)')
    const client = await connect(how, sandbox, pool)
    const line = Buffer.from(`${'x'.repeat(rowLength - 6)}\n`)
    const data = Buffer.concat(Array.from({ length: 60 }, () => frame(Frontend.CopyData, line)))
    let sent = 0
    const sending = async () => {
      for (; sent < total; sent += data.length) await write(client.socket, data)
      client.socket.write(frame(Frontend.CopyDone))
    }
    const grown = await growth(async sample => {
      client.socket.write(Buffer.concat([query('copy wide from stdin'), frame(Frontend.CopyData, 'wait\n')]))
      const sendingEnds = sending()
      const ticks = setInterval(sample, 20)
      await stuck(outside, 'advisory')
      await settled(() => sent)
      expect(sent).toBeLessThan(total / 4)
      await outside.query('select pg_advisory_unlock(4711)')
      expect((await untilReady(client)).errors).toEqual([])
      await sendingEnds
      clearInterval(ticks)
    })
    expect(grown).toBeLessThan(allowed)
    client.socket.destroy()
    await sandbox.close()
  })

  test(`a client that keeps sending while it waits for the lock is paused, with bounded memory (${how})`, async ({
    sandbox,
    pool,
  }) => {
    sandbox.open()
    const holder = await pool.connect()
    await holder.query('begin; insert into t values (1)')
    const client = await connect(how, sandbox, pool)
    const batch = Buffer.concat(Array.from({ length: 500 }, () => query(`select '${'x'.repeat(100)}'`)))
    let sent = 0
    const grown = await growth(async sample => {
      void (async () => {
        for (; sent < total; sent += batch.length) await write(client.socket, batch)
      })().catch(() => undefined)
      await settled(() => sent)
      sample()
    })
    expect(sent).toBeLessThan(total / 4)
    expect(grown).toBeLessThan(allowed)
    client.socket.destroy()
    await holder.query('commit')
    expect(await scalar(pool, count)).toBe(1)
    holder.release()
    await sandbox.close()
  })
}

/**
 * A table with a trigger that blocks on a row that begins with "wait", while another session holds advisory lock 4711.
 */
async function makeSlowTable(outside: pg.Client): Promise<void> {
  await outside.query(`create table wide (v text);
    create function slow() returns trigger language plpgsql as
      $$ begin if new.v like 'wait%' then perform pg_advisory_xact_lock(4711); end if; return null; end $$;
    create trigger slow before insert on wide for each row execute function slow()`)
}

/** Waits until a number stops growing. */
async function settled(value: () => number): Promise<void> {
  let last = -1
  await expect
    .poll(
      () => {
        const grown = value() !== last
        last = value()
        return grown
      },
      { intervals: [200] },
    )
    .toBe(false)
}

const impatient = test.extend(impatience)

impatient(
  'a session that waits behind a client that does not read gets the contention error',
  async ({ sandbox, pool, outside }) => {
    sandbox.open()
    const client = await rawClient(sandbox.url)
    client.socket.write(rows(50 * megabyte))
    await stuck(outside, 'ClientWrite')
    await expect(pool.query('select 1')).rejects.toMatchObject({ code: '55P03' })
    expect((await untilReady(client)).bytes).toBeGreaterThan(50 * megabyte)
    expect(await scalar(pool, 'select 1')).toBe(1)
    client.socket.destroy()
    expect((await sandbox.close()).contentions).toHaveLength(1)
  },
)

for (const mode of ['transaction', 'direct'] as const) {
  for (const [what, messages, waitsFor] of [
    ['rows that it does not read', [query('begin; insert into t values (1)'), rows(50 * megabyte)], 'ClientWrite'],
    [
      'a COPY TO STDOUT that it does not read',
      [
        query('insert into t values (1)'),
        query(`copy (select repeat('x', 1000) from generate_series(1, 50000)) to stdout`),
      ],
      'ClientWrite',
    ],
    [
      'rows of a batch without a Sync that it does not read',
      [parse('', `select repeat('x', 1000) from generate_series(1, 50000)`), bindAndExecute(''), flush],
      'ClientWrite',
    ],
  ] as const) {
    test(`a client disconnects in the middle of ${what} (${mode})`, async ({ sandbox, pool, outside }) => {
      if (mode === 'direct') sandbox.openDirect()
      else sandbox.open()
      const client = await rawClient(sandbox.url)
      client.socket.write(Buffer.concat(messages))
      await stuck(outside, waitsFor)
      client.socket.destroy()
      expect(await scalar(pool, 'select 7')).toBe(7)
      if (what.startsWith('rows')) expect(await scalar(pool, count)).toBe(0)
      expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
    })

    test(`the test ends in the middle of ${what} (${mode})`, async ({ sandbox, pool, outside }) => {
      if (mode === 'direct') sandbox.openDirect()
      else sandbox.open()
      const client = await rawClient(sandbox.url)
      client.socket.write(Buffer.concat(messages))
      await stuck(outside, waitsFor)
      expect(await sandbox.close()).toMatchObject({ active: [expect.any(String)], broken: undefined })
      sandbox.open()
      expect(await scalar(pool, 'select 7')).toBe(7)
      await sandbox.close()
      client.socket.destroy()
    })
  }
}

for (const how of clients) {
  test(`a client disconnects in a COPY that the server reads slowly (${how})`, async ({ sandbox, pool, outside }) => {
    sandbox.open()
    await makeSlowTable(outside)
    await outside.query('select pg_advisory_lock(4711)')
    const client = await connect(how, sandbox, pool)
    const line = frame(Frontend.CopyData, Buffer.from(`${'x'.repeat(rowLength)}\n`))
    client.socket.write(Buffer.concat([query('copy wide from stdin'), frame(Frontend.CopyData, 'wait\n')]))
    client.socket.write(Buffer.concat(Array.from({ length: 20_000 }, () => line)))
    await stuck(outside, 'advisory')
    await settled(() => client.socket.writableLength)
    client.socket.destroy()
    // Unread bytes delay the end of the TCP stream: the disconnect is noticed once the server reads again.
    if (how === 'over TCP') await outside.query('select pg_advisory_unlock(4711)')
    expect(await scalar(pool, 'select count(*)::int from wide')).toBe(0)
    expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
  })
}

test('a statement is cancelled while its rows are not read', async ({ sandbox, pool, outside }) => {
  sandbox.open()
  const client = new pg.Client(sandbox.url)
  await client.connect()
  client.connection.stream.pause()
  const rowsAsked = client.query(`select repeat('x', 1000) from generate_series(1, 50000)`)
  rowsAsked.catch(() => undefined)
  await stuck(outside, 'ClientWrite')
  const canceller = new pg.Client(sandbox.url) as pg.Client & { cancel(client: pg.ClientBase, query: unknown): void }
  const closed = once(canceller.connection.stream, 'close')
  canceller.cancel(client, (client as unknown as { activeQuery: unknown }).activeQuery)
  await closed
  client.connection.stream.resume()
  await expect(rowsAsked).rejects.toMatchObject({ code: '57014' })
  await client.end()
  expect(await scalar(pool, 'select 1')).toBe(1)
  await sandbox.close()
})

test('a paused client disconnects while it waits for the connection lock', async ({ sandbox, pool }) => {
  sandbox.open()
  const holder = await pool.connect()
  await holder.query('begin; insert into t values (1)')
  const client = await rawClient(sandbox.url)
  const batch = Buffer.concat(Array.from({ length: 20_000 }, () => query('select 1')))
  client.socket.write(batch)
  client.socket.write(query('begin; insert into t values (2)'), () => undefined)
  await settled(() => client.socket.writableLength)
  client.socket.destroy()
  await holder.query('commit')
  expect(await scalar(pool, count)).toBe(1)
  holder.release()
  // The system reports the disconnect only when the sandbox writes to the client, and after its first write.
  await sandbox.quiet(10_000)
  expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
})

for (const how of clients) {
  test(`a parameter and a row of 200 MB use little more memory than their size (${how})`, async ({ sandbox, pool }) => {
    sandbox.open()
    const client = await connect(how, sandbox, pool)
    const size = 200 * megabyte
    const head = Buffer.alloc(5 + 2 + 2 + 2 + 2 + 4)
    head[0] = Frontend.Bind
    head.write('\0s\0', 5)
    head.writeInt32BE(4 + 3 + 2 + 2 + 4 + size + 2, 1)
    head.writeInt16BE(0, 8)
    head.writeInt16BE(1, 10)
    head.writeInt32BE(size, 12)
    const chunk = Buffer.alloc(megabyte, 'x')
    const grown = await growth(async sample => {
      const ticks = setInterval(sample, 20)
      client.socket.write(Buffer.concat([parse('s', 'select $1::text'), head.subarray(0, 16)]))
      for (let sent = 0; sent < size; sent += chunk.length) await write(client.socket, chunk)
      client.socket.write(Buffer.concat([Buffer.alloc(2), frame(Frontend.Execute, Buffer.alloc(5)), sync]))
      const { bytes, errors } = await untilReady(client)
      expect(errors).toEqual([])
      expect(bytes).toBeGreaterThan(size)
      clearInterval(ticks)
    })
    expect(grown).toBeLessThan(size + 2 * allowed)
    client.socket.destroy()
    await sandbox.close()
  })
}
