/** Drizzle: its query builder on `pg` and on postgres.js, prepared statements, nested transactions, migrations. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { integer, type PgDatabase, type PgQueryResultHKT, pgTable, text } from 'drizzle-orm/pg-core'
import { drizzle as drizzleOnPostgresJs } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { test } from './client-fixture.ts'
import { type Work, worksAsOnAServer } from './expectations.ts'

const t = pgTable('t', { id: integer().primaryKey(), v: text().unique() })

const uniqueViolation = { cause: { code: '23505' } }

test.describe('on pg', () => {
  worksAsOnAServer(['tcp', 'memory'], {
    uniqueViolation,
    connect: ({ pool }) => ({ ...workOf(drizzle(pool)), close: () => pool.end() }),
  })
})

test.describe('on postgres.js', () => {
  worksAsOnAServer(['tcp'], {
    uniqueViolation,
    connect: ({ url }) => {
      const client = postgres(url, { max: 4 })
      return { ...workOf(drizzleOnPostgresJs(client)), close: () => client.end() }
    },
  })
})

for (const way of ['tcp', 'memory'] as const) {
  test(`prepared statements: ${way}`, async ({ tcp, memory }) => {
    const db = drizzle({ tcp, memory }[way].pool)
    const put = db
      .insert(t)
      .values({ id: sql.placeholder('id'), v: sql.placeholder('v') })
      .prepare('put')
    await Promise.all([1, 2, 3, 4, 5, 6].map(id => put.execute({ id, v: `row ${id}` })))
    const get = db
      .select()
      .from(t)
      .where(eq(t.id, sql.placeholder('id')))
      .prepare('get')
    for (const id of [1, 6]) expect(await get.execute({ id })).toEqual([{ id, v: `row ${id}` }])
  })

  test(`migrations run once: ${way}`, async ({ tcp, memory }, info) => {
    const db = drizzle({ tcp, memory }[way].pool)
    const migrationsFolder = info.outputPath('migrations')
    await writeMigrations(migrationsFolder, [
      'create table made (id int primary key);\n--> statement-breakpoint\ninsert into made values (1);',
      'alter table made add v text;',
    ])
    for (const _ of ['first', 'again']) await migrate(db, { migrationsFolder })
    expect((await db.execute(sql`select * from made`)).rows).toEqual([{ id: 1, v: null }])
  })
}

function workOf<T extends PgQueryResultHKT>(db: PgDatabase<T>): Work {
  return {
    insert: (id, v) => db.insert(t).values({ id, v }),
    read: async id => (await db.select().from(t).where(eq(t.id, id)))[0]?.v,
    update: (id, v) => db.update(t).set({ v }).where(eq(t.id, id)),
    remove: id => db.delete(t).where(eq(t.id, id)),
    transaction: work => db.transaction(inside => work(workOf(inside))),
  }
}

async function writeMigrations(folder: string, texts: string[]): Promise<void> {
  await mkdir(path.join(folder, 'meta'), { recursive: true })
  const entries = texts.map((_, idx) => ({ idx, version: '7', when: idx + 1, tag: `${idx}`, breakpoints: true }))
  await writeFile(
    path.join(folder, 'meta', '_journal.json'),
    JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
  )
  await Promise.all(texts.map((content, idx) => writeFile(path.join(folder, `${idx}.sql`), content)))
}
