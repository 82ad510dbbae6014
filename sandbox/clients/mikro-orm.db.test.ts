/** MikroORM: its unit of work, nested transactions, schema generator. */

import { type EntityManager, EntitySchema, MikroORM } from '@mikro-orm/postgresql'
import { expect } from '@playwright/test'
import { test, type Way } from './client-fixture.ts'
import { type Work, worksAsOnAServer } from './expectations.ts'

type Row = { id: number; v: string | null }

const Rows = new EntitySchema<Row>({
  name: 'Row',
  tableName: 't',
  properties: {
    id: { type: 'integer', primary: true, autoincrement: false },
    v: { type: 'text', unique: true, nullable: true },
  },
})

const Made = new EntitySchema<{ id: number; name: string; row: Row }>({
  name: 'Made',
  properties: {
    id: { type: 'integer', primary: true, autoincrement: true },
    name: { type: 'text', unique: true },
    row: { kind: 'm:1', entity: () => 'Row' },
  },
})

worksAsOnAServer(['tcp', 'memory'], {
  connect: async way => {
    const orm = await open(way)
    return { ...workOf(() => orm.em.fork()), close: () => orm.close() }
  },
})

for (const way of ['tcp', 'memory'] as const) {
  test(`the schema generator creates tables, and has nothing to do the second time: ${way}`, async ({
    tcp,
    memory,
  }) => {
    const orm = await open({ tcp, memory }[way])
    await orm.schema.updateSchema()
    const em = orm.em.fork()
    em.create(Made, { name: 'one', row: em.create(Rows, { id: 1, v: 'one' }) })
    await em.flush()
    expect(await orm.em.fork().find(Made, {}, { populate: ['row'] })).toMatchObject([{ id: 1, row: { v: 'one' } }])
    expect(await orm.schema.getUpdateSchemaSQL()).toBe('')
    await orm.schema.refreshDatabase()
    expect(await orm.em.fork().count(Made)).toBe(0)
    await orm.close()
  })
}

function open({ url, stream }: Way): Promise<MikroORM> {
  return MikroORM.init({
    clientUrl: url,
    entities: [Rows, Made],
    pool: { max: 4 },
    driverOptions: stream ? { connection: { stream } } : {},
    debug: false,
  })
}

/**
 * `next` returns the entity manager for a step: outside a transaction a new one, so that no result comes from its
 * cache.
 */
function workOf(next: () => EntityManager): Work {
  return {
    insert: (id, v) => next().insert(Rows, { id, v }),
    read: async id => (await next().findOne(Rows, { id }, { refresh: true }))?.v,
    update: (id, v) => next().nativeUpdate(Rows, { id }, { v }),
    remove: id => next().nativeDelete(Rows, { id }),
    transaction: work => next().transactional(inside => work(workOf(() => inside))),
  }
}
