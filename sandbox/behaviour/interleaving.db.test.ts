/** Random interleaved sessions: each gets the responses of a bare server, whatever the others do in between. */
import { expect } from '@playwright/test'
import fc from 'fast-check'
import { createClone } from '../../postgres/templates/clone.ts'
import { soak } from '../../testing/soak.ts'
import { copyData, copyDone, copyFailed } from '../conformance/messages.ts'
import { bindAndExecute, closeStatement, parse, query, sync } from '../protocol/frontend-messages.ts'
import { test } from '../testing/sandbox-fixture.ts'
import { WireClient } from '../testing/wire-client.ts'

type Message = { text: string; bytes: Buffer[] }
/** Messages that are sent in one write and end in one ReadyForQuery. */
type Step = { text: string; messages: Buffer[] }
/** `begin` does not take the connection lock, so another session may run a step before `body`. */
type Unit = { who: number; begin: Step | undefined; between: Part | undefined; body: Step[]; waiting: Part | undefined }
/** A step of another session outside a transaction. */
type Part = { by: number; step: Step }

const sessions = 3

const key = fc.integer({ min: 1, max: 3 })
const simpleStep = (text: string): Step => ({ text, messages: [query(text)] })

const statement = fc.oneof(
  { weight: 4, arbitrary: key.map(id => `insert into t values (${id}, 'x${id}')`) },
  { weight: 2, arbitrary: key.map(id => `delete from t where id = ${id}`) },
  { weight: 3, arbitrary: fc.constant('select id, v from t order by id') },
  { weight: 1, arbitrary: fc.constantFrom('select 1/0', 'selec', '', 'select * from nowhere') },
)
const setting = fc.oneof(
  key.map(n => `set work_mem = '${n}MB'`),
  key.map(n => `set app.tenant = '${n}'`),
  fc.constantFrom('show work_mem', 'reset work_mem', 'reset all', "set work_mem = 'much'"),
  fc.constant("select current_setting('app.tenant', true)"),
  fc.constantFrom('set role pg_monitor', 'reset role', 'select current_user'),
)
const inTransaction = fc.oneof(
  fc.constantFrom('savepoint a', 'savepoint b', 'release a', 'release b', 'rollback to a', 'rollback to savepoint b'),
  fc.constantFrom('begin', 'commit and chain', 'rollback and chain'),
  key.map(n => `set local work_mem = '${n}MB'`),
)
const cursor = fc.constantFrom(
  'declare c cursor for select generate_series(1, 4)',
  'declare c cursor for select id from t order by id',
  'fetch 2 from c',
  'close c',
  'close all',
)
const copyOut = fc.constant('copy (select id, v from t order by id) to stdout')
const copyIn: fc.Arbitrary<Step> = fc
  .tuple(key, fc.constantFrom(copyDone, copyFailed), fc.boolean())
  .map(([id, end, isWhole]) => ({
    text: `COPY of ${id}${end === copyFailed ? ', given up' : ''}${isWhole ? '' : ', in pieces'}`,
    messages: [
      query('copy t from stdin'),
      ...(isWhole ? [copyData(`${id}\tx${id}\n`)] : [copyData(`${id}\t`), copyData(`x${id}\n`)]),
      end,
    ],
  }))
const names = fc.constantFrom('', 's', 'q')

const prepare = fc.tuple(names, fc.oneof(statement, setting, cursor)).map(([name, sql]) => ({
  text: `Parse ${name}: ${sql}`,
  bytes: [parse(name, sql)],
}))
const execute = names.map(name => ({ text: `Execute ${name}`, bytes: [bindAndExecute(name)] }))
const close = names.map(name => ({ text: `Close ${name}`, bytes: [closeStatement(name)] }))
const message: fc.Arbitrary<Message> = fc.oneof(
  { weight: 3, arbitrary: prepare },
  { weight: 4, arbitrary: execute },
  { weight: 1, arbitrary: close },
)
const series: fc.Arbitrary<Step> = fc.array(message, { minLength: 1, maxLength: 5 }).map(list => ({
  text: list.map(({ text }) => text).join(', '),
  messages: [...list.flatMap(({ bytes }) => bytes), sync],
}))

const texts = (one: fc.Arbitrary<string>) =>
  fc.array(one, { minLength: 1, maxLength: 3 }).map(list => simpleStep(list.join('; ')))
const forgetting = fc.constantFrom('deallocate s', 'deallocate all', 'discard all').map(simpleStep)
const alone: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: texts(statement) },
  { weight: 3, arbitrary: setting.map(simpleStep) },
  { weight: 5, arbitrary: series },
  { weight: 1, arbitrary: forgetting },
  { weight: 1, arbitrary: cursor.map(simpleStep) },
  { weight: 2, arbitrary: fc.oneof(copyIn, copyOut.map(simpleStep)) },
)
const within: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: alone },
  { weight: 3, arbitrary: inTransaction.map(simpleStep) },
  { weight: 2, arbitrary: cursor.map(simpleStep) },
)
const ending = fc.constantFrom('commit', 'rollback', 'end', 'abort').map(simpleStep)
const beginning = fc.constantFrom('begin', 'begin read only', 'start transaction', 'begin read write').map(simpleStep)

const who = fc.integer({ min: 0, max: sessions - 1 })
const other = fc.option(fc.record({ by: fc.integer({ min: 1, max: sessions - 1 }), step: alone }), { nil: undefined })
const unit: fc.Arbitrary<Unit> = fc.oneof(
  fc
    .record({ who, step: alone })
    .map(({ who, step }) => ({ who, begin: undefined, between: undefined, body: [step], waiting: undefined })),
  fc
    .record({
      who,
      begin: beginning,
      between: other,
      body: fc.array(within, { maxLength: 6 }),
      end: ending,
      waiting: other,
    })
    .map(({ body, end, ...rest }) => ({ ...rest, body: [simpleStep('select 1'), ...body, end] })),
)

/**
 * Hides known differences: which of two possible errors a statement reports; and a custom parameter that, once set on a
 * connection, is empty and not null after a reset.
 */
const alike = (lines: string[]) =>
  lines
    .map(line => line.replace(/ERROR (25P02|3B001|42P05|42P01|42601) .*/, 'ERROR, one of several'))
    .map(line => line.replace('DataRow []', 'DataRow null'))

test('random interleaved sessions get the responses of a bare server', { tag: '@soak' }, async ({
  sandbox,
  outside,
  server,
}) => {
  const other = await createClone(server)
  const admin = await WireClient.connect(other.url)
  await admin.send([query('create table t (id int primary key, v text unique)')])
  await fc.assert(
    fc.asyncProperty(fc.array(unit, { minLength: 1, maxLength: 8 }), async units => {
      await admin.send([query('delete from t')])
      sandbox.open()
      const pairs = await Promise.all(
        Array.from({ length: sessions }, async () => ({
          bare: await WireClient.connect(other.url),
          sandboxed: await WireClient.connect(sandbox.url),
        })),
      )
      const pairOf = (index: number) => pairs[index % sessions] as (typeof pairs)[number]
      const both = async (index: number, { text, messages }: Step) => {
        const { bare, sandboxed } = pairOf(index)
        const expected = await bare.send(messages)
        expect(alike(await sandboxed.send(messages)), `session ${index % sessions}: ${text}`).toEqual(alike(expected))
      }
      try {
        for (const { who, begin, between, body, waiting } of units) {
          if (begin) await both(who, begin)
          if (between) await both(who + between.by, between.step)
          // The first statement of a transaction takes the connection lock; the other session waits for it until the
          // end.
          const [first, ...rest] = body
          if (first) await both(who, first)
          const late =
            waiting && rest.length > 0 ? pairOf(who + waiting.by).sandboxed.send(waiting.step.messages) : undefined
          for (const step of rest) await both(who, step)
          if (!waiting || !late) continue
          const expected = await pairOf(who + waiting.by).bare.send(waiting.step.messages)
          expect(
            alike(await late),
            `session ${(who + waiting.by) % sessions}, after its turn came: ${waiting.step.text}`,
          ).toEqual(alike(expected))
        }
        await both(0, simpleStep('select id, v from t order by id'))
        expect(await sandbox.close()).toMatchObject({ active: [], contentions: [], broken: undefined })
        expect((await outside.query('select * from t')).rows).toEqual([])
      } finally {
        for (const { bare, sandboxed } of pairs) {
          bare.close()
          sandboxed.close()
        }
        await sandbox.close()
      }
    }),
    {
      numRuns: soak({ long: 10_000, short: 60 }),
      seed: 20,
    },
  )
  admin.close()
  await other.drop()
})
