/** Random messages, whole and broken: whatever one client sends, the process lives, nothing hangs and the others go on. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect } from '@playwright/test'
import fc from 'fast-check'
import { scalar, test } from './sandbox-fixture.ts'
import { WireClient } from './transcript.ts'
import { frame } from './wire/backend.ts'
import { bindAndExecute, Frontend, flush, parse, query, sync } from './wire/frontend.ts'

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
const message = fc.oneof(
  { weight: 6, arbitrary: sensible },
  { weight: 2, arbitrary: malformed },
  { weight: 1, arbitrary: bytes },
)

for (const mode of ['transaction', 'direct'] as const) {
  test(`garbage harms its own session only (${mode})`, async ({ sandbox, pool, outside }) => {
    test.setTimeout(60_000)
    const url = new URL(sandbox.url)
    const others = 'select count(*)::int from pg_stat_activity where datname = current_database()'
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { maxLength: 12 }),
        fc.boolean(),
        fc.boolean(),
        async (messages, cut, stays) => {
          if (mode === 'transaction') sandbox.open()
          else sandbox.openDirect()
          const client = await WireClient.connect(sandbox.url)
          const sent = Buffer.concat(messages)
          // Nothing is known of how many answers are due.
          void client.send([cut ? sent.subarray(0, sent.length - 1) : sent], 0)
          const stranger = connect(Number(url.port), url.hostname)
          stranger.on('error', () => undefined)
          stranger.resume()
          stranger.end(sent)
          const strangerLeft = once(stranger, 'close')
          // Who stays is sent away at the end.
          if (!stays) {
            client.close()
            expect(await scalar(pool, 'select 7')).toBe(7)
          }
          await strangerLeft
          expect(await sandbox.close()).toMatchObject({ contentions: [], broken: undefined })
          client.close()
        },
      ),
      { numRuns: 300, seed: 4, interruptAfterTimeLimit: 8000 },
    )
    // The sandbox's own connection, if need be the one that parses whole texts, and this one.
    await expect.poll(() => scalar(outside, others)).toBeLessThanOrEqual(3)
  })
}
