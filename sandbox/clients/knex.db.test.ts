/** Knex: its query builder, nested transactions, streams, migrations. */
import { expect } from '@playwright/test'
import createKnex, { type Knex } from 'knex'
import { test, type Way } from './client-fixture.ts'
import { type Work, worksAsOnAServer } from './expectations.ts'

worksAsOnAServer(['tcp', 'memory'], {
  connect: way => {
    const knex = open(way)
    return { ...workOf(knex), close: () => knex.destroy() }
  },
})

for (const way of ['tcp', 'memory'] as const) {
  test(`streams rows: ${way}`, async ({ tcp, memory }) => {
    const knex = open({ tcp, memory }[way])
    await knex('t').insert([1, 2, 3].map(id => ({ id, v: `row ${id}` })))
    const ids: number[] = []
    for await (const { id } of knex('t').orderBy('id').stream({ batchSize: 1 })) ids.push(id)
    expect(ids).toEqual([1, 2, 3])
    await knex.destroy()
  })

  test(`migrations run forwards and back: ${way}`, async ({ tcp, memory }) => {
    const knex = open({ tcp, memory }[way])
    const source = { migrationSource: migrationsOf(['first', 'second']) }
    expect(await knex.migrate.latest(source)).toEqual([1, ['first', 'second']])
    expect(await knex.migrate.latest(source)).toEqual([1, []])
    await knex('first').insert({ name: 'one' })
    expect(await knex('first').insert({ name: 'two' }).returning('id')).toEqual([{ id: 2 }])
    await knex.migrate.rollback(source)
    expect(await knex.schema.hasTable('first')).toBe(false)
    await knex.destroy()
  })

  test(`a failed migration leaves nothing behind: ${way}`, async ({ tcp, memory }) => {
    const knex = open({ tcp, memory }[way])
    const migrationSource = migrationsOf(['first', 'first'])
    await expect(knex.migrate.latest({ migrationSource })).rejects.toMatchObject({ code: '42P07' })
    expect(await knex.schema.hasTable('first')).toBe(false)
    expect(await knex.migrate.latest({ migrationSource: migrationsOf(['other']) })).toEqual([1, ['other']])
    expect(await knex('knex_migrations').select('name')).toEqual([{ name: 'other' }])
    await knex.destroy()
  })
}

function open({ url, stream }: Way): Knex {
  return createKnex({
    client: 'pg',
    connection: { connectionString: url, ...(stream && { stream }) },
    pool: { max: 4 },
    // Keeps expected failures out of the log.
    log: { warn: () => undefined, error: () => undefined },
  })
}

function workOf(knex: Knex): Work {
  return {
    insert: (id, v) => knex('t').insert({ id, v }),
    read: async id => (await knex('t').where({ id }).first())?.v,
    update: (id, v) => knex('t').where({ id }).update({ v }),
    remove: id => knex('t').where({ id }).delete(),
    transaction: work => knex.transaction(inside => work(workOf(inside))),
  }
}

/** One migration for each name, which creates a table of that name. */
function migrationsOf(names: string[]): Knex.MigrationSource<string> {
  return {
    getMigrations: async () => names,
    getMigrationName: name => name,
    getMigration: async name => ({
      up: knex =>
        knex.schema.createTable(name, table => {
          table.increments('id')
          table.string('name').unique()
        }),
      down: knex => knex.schema.dropTable(name),
    }),
  }
}
