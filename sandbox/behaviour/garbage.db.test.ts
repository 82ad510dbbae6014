/**
 * Random messages, well-formed and malformed: the process survives, nothing hangs, and other sessions are not affected.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { expect } from '@playwright/test'
import fc from 'fast-check'
import { soak } from '../../testing/soak.ts'
import { frame } from '../protocol/backend-messages.ts'
import { bindAndExecute, Frontend, flush, parse, query, sync } from '../protocol/frontend-messages.ts'
import { scalar, test } from '../testing/sandbox-fixture.ts'
import { WireClient } from '../testing/wire-client.ts'

const bytes = fc.uint8Array({ maxLength: 24 }).map(array => Buffer.from(array))
const sensible = fc.constantFrom(
  sync,
  flush,
  query('select 1'),
  query('begin; insert into t values (1)'),
  query('copy t from stdin'),
  query('copy t to stdout'),
  query('commit'),
  parse('', 'copy t from stdin'),
  parse('s', 'insert into t values (2)'),
  parse('', 'begin'),
  bindAndExecute(''),
  bindAndExecute('s'),
  frame(Frontend.CopyData, '3\tthree\n'),
  frame(Frontend.CopyDone),
  frame(Frontend.CopyFail, 'no\0'),
)
const malformed = fc
  .tuple(fc.constantFrom(...Object.values(Frontend)), bytes)
  .filter(([type]) => type !== Frontend.Terminate)
  .map(([type, body]) => frame(type, body))
/** Frames whose length is larger than what follows, or smaller than a frame can be. */
const missized = fc
  .tuple(
    fc.constantFrom(...Object.values(Frontend), 0, 0xff),
    fc.constantFrom(0, 3, 4, 5, 100, 0x3fff_ffff, 0x4000_0000, 0xffff_ffff),
    bytes,
  )
  .map(([type, length, body]) => {
    const header = Buffer.from([type, 0, 0, 0, 0])
    header.writeUInt32BE(length, 1)
    return Buffer.concat([header, body])
  })
const message = fc.oneof(
  { weight: 6, arbitrary: sensible },
  { weight: 2, arbitrary: malformed },
  { weight: 1, arbitrary: missized },
  { weight: 1, arbitrary: bytes },
)

/** The positions at which the bytes are split into writes. */
const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 5 })

async function writeInPieces(socket: Socket, sent: Buffer, at: readonly number[]): Promise<void> {
  let from = 0
  for (const to of [...at.filter(cut => cut < sent.length)].sort((a, b) => a - b)) {
    socket.write(sent.subarray(from, to))
    await setImmediate()
    from = to
  }
  socket.end(sent.subarray(from))
}

/** The resident memory of this process. */
const held = () => process.memoryUsage.rss()

for (const mode of ['transaction', 'direct'] as const) {
  test(`malformed messages affect only their own session (${mode})`, { tag: '@soak' }, async ({
    sandbox,
    pool,
    outside,
  }) => {
    const before = held()
    const url = new URL(sandbox.url)
    const others = 'select count(*)::int from pg_stat_activity where datname = current_database()'
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { maxLength: 12 }),
        fc.boolean(),
        fc.boolean(),
        cuts,
        async (messages, cut, stays, at) => {
          if (mode === 'transaction') sandbox.open()
          else sandbox.openDirect()
          const client = await WireClient.connect(sandbox.url)
          const sent = Buffer.concat(messages)
          // The number of responses is unknown.
          void client.send([cut ? sent.subarray(0, sent.length - 1) : sent], 0)
          const stranger = connect(Number(url.port), url.hostname)
          stranger.on('error', () => undefined)
          stranger.resume()
          const strangerLeft = once(stranger, 'close')
          void writeInPieces(stranger, sent, at)
          // A client that stays connected is terminated at the end of the test.
          if (!stays) {
            client.close()
            expect(await scalar(pool, 'select 7')).toBe(7)
          }
          await strangerLeft
          expect(await sandbox.close()).toMatchObject({ contentions: [], broken: undefined })
          client.close()
        },
      ),
      { numRuns: soak({ long: 20_000, short: 100 }), seed: 4 },
    )
    // Allows for uncollected garbage; buffers of the lengths in the malformed frames would be many times as large.
    expect(held() - before).toBeLessThan(150_000_000)
    // The sandbox's own connection, possibly the one for syntax checks, and this one.
    await expect.poll(() => scalar(outside, others)).toBeLessThanOrEqual(3)
  })
}
