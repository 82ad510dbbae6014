/** Kysely: its query builder, controlled transactions with savepoints, streams and migrator. */
import { expect } from '@playwright/test'
import { type ControlledTransaction, Kysely, type Migration, Migrator, PostgresDialect, sql } from 'kysely'
import Cursor from 'pg-cursor'
import { test, type Way } from './client-fixture.ts'
import { type Work, worksAsOnAServer } from './expectations.ts'

type Schema = { t: { id: number; v: string | null } }

worksAsOnAServer(['tcp', 'memory'], {
  connect: way => {
    const db = open(way)
    return { ...workOf(db), transaction: work => inTransaction(db, work), close: () => db.destroy() }
  },
})

for (const way of ['tcp', 'memory'] as const) {
  test(`streams rows: ${way}`, async ({ tcp, memory }) => {
    const db = open({ tcp, memory }[way])
    await db
      .insertInto('t')
      .values([1, 2, 3, 4, 5].map(id => ({ id, v: `row ${id}` })))
      .execute()
    const ids: number[] = []
    for await (const { id } of db.selectFrom('t').selectAll().orderBy('id').stream(2)) ids.push(id)
    expect(ids).toEqual([1, 2, 3, 4, 5])
    await db.destroy()
  })

  test(`migrations run up and down, and two concurrent runs are serialized: ${way}`, async ({ tcp, memory }) => {
    const db = open({ tcp, memory }[way])
    const migrations: Record<string, Migration> = {
      '1': {
        up: async on =>
          on.schema
            .createTable('made')
            .addColumn('id', 'serial', column => column.primaryKey())
            .execute(),
        down: async on => on.schema.dropTable('made').execute(),
      },
      '2': {
        up: async on => sql`insert into made default values`.execute(on).then(() => undefined),
        down: async on => sql`delete from made`.execute(on).then(() => undefined),
      },
    }
    const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
    const outcomes = await Promise.all([migrator.migrateToLatest(), migrator.migrateToLatest()])
    expect(outcomes.map(({ error }) => error)).toEqual([undefined, undefined])
    expect(outcomes.map(({ results }) => results?.length).sort()).toEqual([0, 2])
    expect((await sql`select * from made`.execute(db)).rows).toEqual([{ id: 1 }])
    expect(await migrator.migrateDown()).toMatchObject({ results: [{ migrationName: '2', status: 'Success' }] })
    expect((await sql`select * from made`.execute(db)).rows).toEqual([])
    await db.destroy()
  })
}

function open({ pool }: Way): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool, cursor: Cursor }) })
}

function workOf(db: Kysely<Schema>): Omit<Work, 'transaction'> {
  return {
    insert: (id, v) => db.insertInto('t').values({ id, v }).execute(),
    read: async id => (await db.selectFrom('t').select('v').where('id', '=', id).executeTakeFirst())?.v,
    update: (id, v) => db.updateTable('t').set({ v }).where('id', '=', id).execute(),
    remove: id => db.deleteFrom('t').where('id', '=', id).execute(),
  }
}

async function inTransaction(db: Kysely<Schema>, work: (inside: Work) => Promise<void>): Promise<void> {
  const transaction = await db.startTransaction().execute()
  try {
    await work({ ...workOf(transaction), transaction: nested => inSavepoint(transaction, nested) })
    await transaction.commit().execute()
  } catch (error) {
    await transaction.rollback().execute()
    throw error
  }
}

async function inSavepoint(outer: ControlledTransaction<Schema>, work: (inside: Work) => Promise<void>): Promise<void> {
  const inner = await outer.savepoint('nested').execute()
  try {
    await work({ ...workOf(inner), transaction: nested => inSavepoint(inner, nested) })
    await inner.releaseSavepoint('nested').execute()
  } catch (error) {
    await inner.rollbackToSavepoint('nested').execute()
    throw error
  }
}
