/** Time and transaction ids, of which a transaction has one each. */
import { scalar } from '../../sandbox/testing/sandbox-fixture.ts'
import type { Connect, Differences } from './difference.ts'

const movesOn = (expression: string) => async (connect: Connect) => {
  const client = await connect()
  const first = await scalar(client, `select ${expression}::text`)
  return (await scalar(client, `select ${expression}::text`)) !== first
}

const now = { play: movesOn('now()'), onServer: true, inSandbox: false }

export const clock: Differences = {
  'now() in two statements': now,
  'CURRENT_TIMESTAMP in two statements': { ...now, play: movesOn('current_timestamp') },
  "'now' in two statements": { ...now, play: movesOn("timestamptz 'now'") },
  "CURRENT_TIMESTAMP in two statements, with clock: 'moving'": {
    ...now,
    template: 'moving',
    play: movesOn('current_timestamp'),
  },
  'a job that is due before now(), in the statement after the one that has put it in': {
    given: 'create table jobs (due timestamptz not null default now())',
    play: async connect => {
      const client = await connect()
      await client.query('insert into jobs default values')
      return scalar(client, 'select count(*)::int from jobs where due < now()')
    },
    onServer: 1,
    inSandbox: 0,
  },
  "now() twice in one transaction, with clock: 'moving'": {
    template: 'moving',
    play: async connect => {
      const client = await connect()
      await client.query('begin')
      return movesOn('now()')(async () => client)
    },
    onServer: false,
    inSandbox: true,
  },
}

export const transactionIds: Differences = {
  'pg_current_xact_id() in two statements': {
    play: movesOn('pg_current_xact_id()'),
    onServer: true,
    inSandbox: false,
  },
  'pg_current_xact_id_if_assigned() before a transaction writes': {
    play: async connect => {
      const client = await connect()
      await client.query('select pg_current_xact_id()')
      return scalar(client, 'select pg_current_xact_id_if_assigned() is null')
    },
    onServer: true,
    inSandbox: false,
  },
  'the transaction of a row that a client has committed': {
    given: 'create table outbox (written_by xid8 default pg_current_xact_id())',
    play: async connect => {
      const client = await connect()
      await client.query('insert into outbox default values')
      // A client that waits for pg_snapshot_xmin waits for the end of this transaction.
      return scalar(client, 'select pg_xact_status(written_by) from outbox')
    },
    onServer: 'committed',
    inSandbox: 'in progress',
  },
  'xmin of a row, and the transaction that has inserted it': {
    given: 'create table t ()',
    play: async connect => {
      const client = await connect()
      await client.query('begin; insert into t default values')
      return scalar(client, 'select xmin::text = pg_current_xact_id()::text from t')
    },
    onServer: true,
    inSandbox: false,
  },
  'cmin of the first row of a transaction': {
    given: 'create table t ()',
    play: async connect => {
      const client = await connect()
      await client.query('insert into t default values')
      await client.query('begin; insert into t default values')
      return scalar(client, "select cmin::text = '0' from t where ctid = '(0,2)'")
    },
    onServer: true,
    inSandbox: false,
  },
  'a lock in pg_locks after COMMIT': {
    given: 'create table t ()',
    play: async connect => {
      const client = await connect()
      await client.query('begin; lock table t; commit')
      const locks = `select count(*)::int from pg_locks where relation = 't'::regclass and mode = 'AccessExclusiveLock'`
      return scalar(client, locks)
    },
    onServer: 0,
    inSandbox: 1,
  },
}
