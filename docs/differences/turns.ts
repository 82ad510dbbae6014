/** Concurrent clients, whose transactions and statements are serialized. */
import type pg from 'pg'
import { scalar } from '../../sandbox/testing/sandbox-fixture.ts'
import { type Differences, resultOf } from './difference.ts'

const rows = 'create table t (id int); insert into t values (1), (2)'

export const concurrency: Differences = {
  'a statement during an open transaction of another session': {
    given: rows,
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      await one.query('begin; update t set id = id')
      return resultOf(other.query('select from t'))
    },
    onServer: 'done',
    inSandbox: '55P03',
  },
  'Parse without execution, during an open transaction of another session': {
    given: rows,
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      await one.query('begin; update t set id = id')
      return resultOf(prepare(other, 'select from t'))
    },
    onServer: 'done',
    inSandbox: '55P03',
  },
  'FOR UPDATE SKIP LOCKED in two transactions': {
    given: rows,
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      const take = 'begin; select from t limit 1 for update skip locked'
      return [await resultOf(one.query(take)), await resultOf(other.query(take))]
    },
    onServer: ['done', 'done'],
    inSandbox: ['done', '55P03'],
  },
  'FOR UPDATE NOWAIT of a row that is locked until later': {
    given: rows,
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      await one.query('begin; update t set id = id')
      const taking = resultOf(other.query('select from t for update nowait'))
      await one.query('select pg_sleep(0.5)')
      await one.query('commit')
      return taking
    },
    onServer: '55P03',
    inSandbox: 'done',
  },
  'a fast statement after a slow one': {
    play: async connect => {
      const [slow, fast] = [await connect(), await connect()]
      const ended: string[] = []
      await Promise.all([
        slow.query('select pg_sleep(0.5)').then(() => ended.push('slow')),
        fast.query('select').then(() => ended.push('fast')),
      ])
      return ended
    },
    onServer: ['fast', 'slow'],
    inSandbox: ['slow', 'fast'],
  },
  'a serialization failure': {
    given: rows,
    play: async connect => {
      const [one, other] = [await connect(), await connect()]
      await one.query('begin isolation level repeatable read; select from t')
      await resultOf(other.query('update t set id = id'))
      return resultOf(one.query('update t set id = id'))
    },
    onServer: '40001',
    inSandbox: 'done',
  },
  'a deadlock': {
    given: rows,
    play: async connect => {
      const clients = [await connect(), await connect()]
      const lock = (client: number, id: number) =>
        resultOf(clients[client]?.query(`begin; select from t where id = ${id} for update`) ?? Promise.reject())
      await lock(0, 1)
      await lock(1, 2)
      const results = await Promise.all([lock(0, 2), lock(1, 1)])
      return results.includes('40P01')
    },
    onServer: true,
    inSandbox: false,
  },
}

/** Sends Parse and Sync, as `PQprepare` of libpq does. Rejects with the server's error. */
function prepare({ connection }: pg.Client, text: string): Promise<void> {
  const answer = new Promise<void>((resolve, reject) => {
    connection.once('parseComplete', () => resolve())
    connection.once('errorMessage', reject)
  })
  connection.parse({ name: 's', text, types: [] }, true)
  connection.sync()
  return answer
}

export const isolationLevels: Differences = {
  'current_setting() of a level that BEGIN names': {
    play: async connect => {
      const client = await connect()
      await client.query('begin isolation level serializable')
      const { rows } = await client.query("select current_setting('transaction_isolation') as level")
      return rows
    },
    onServer: [{ level: 'serializable' }],
    inSandbox: [{ level: 'read committed' }],
  },
  'SET TRANSACTION SNAPSHOT': {
    play: async (connect, database) => {
      await database.query('begin')
      const snapshot = await scalar(database, 'select pg_export_snapshot()')
      const client = await connect()
      await client.query('begin isolation level repeatable read')
      return resultOf(client.query(`set transaction snapshot '${snapshot}'`))
    },
    onServer: 'done',
    inSandbox: '25001',
  },
  'predicate locks of a serializable transaction, in pg_locks': {
    given: rows,
    play: async connect => {
      const client = await connect()
      await client.query('begin isolation level serializable; select from t')
      return scalar(
        client,
        "select count(*) > 0 from pg_locks where mode = 'SIReadLock' and relation = 't'::regclass and pid = pg_backend_pid()",
      )
    },
    onServer: true,
    inSandbox: false,
  },
  'the source of transaction modes in pg_settings': {
    play: async connect =>
      scalar(await connect(), "select source from pg_settings where name = 'transaction_isolation'"),
    onServer: 'override',
    inSandbox: 'session',
  },
  'SHOW transaction_deferrable': {
    play: async connect => {
      const client = await connect()
      await client.query('begin deferrable')
      return scalar(client, 'show transaction_deferrable')
    },
    onServer: 'on',
    inSandbox: 'off',
  },
}
