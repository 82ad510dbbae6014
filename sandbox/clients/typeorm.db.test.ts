/** TypeORM: repositories, nested transactions, streams, synchronization. */
import { expect } from '@playwright/test'
import { DataSource, type EntityManager, EntitySchema } from 'typeorm'
import { test, type Way } from './client-fixture.ts'
import { type Work, worksAsOnAServer } from './expectations.ts'

type Row = { id: number; v: string | null }

const Rows = new EntitySchema<Row>({
  name: 't',
  columns: { id: { type: 'int', primary: true }, v: { type: 'text', unique: true, nullable: true } },
})

const Made = new EntitySchema<{ id: number; name: string; kind: string; row: Row | null }>({
  name: 'made',
  columns: {
    id: { type: 'int', primary: true, generated: 'increment' },
    name: { type: 'text', unique: true },
    kind: { type: 'enum', enum: ['small', 'large'] },
  },
  relations: { row: { type: 'many-to-one', target: 't', nullable: true } },
})

worksAsOnAServer(['tcp', 'memory'], {
  connect: async way => {
    const source = await open(way).initialize()
    return { ...workOf(source.manager), close: () => source.destroy() }
  },
})

for (const way of ['tcp', 'memory'] as const) {
  test(`streams rows: ${way}`, async ({ tcp, memory }) => {
    const source = await open({ tcp, memory }[way]).initialize()
    const repository = source.getRepository(Rows)
    await repository.insert([1, 2, 3].map(id => ({ id, v: `row ${id}` })))
    const ids: number[] = []
    for await (const row of await repository.createQueryBuilder('r').orderBy('r.id').stream()) ids.push(row.r_id)
    expect(ids).toEqual([1, 2, 3])
    await source.destroy()
  })

  test(`synchronization creates tables, and has nothing to do the second time: ${way}`, async ({ tcp, memory }) => {
    const source = await open({ tcp, memory }[way]).initialize()
    await source.synchronize()
    const [row, made] = [source.getRepository(Rows), source.getRepository(Made)]
    await made.save({ name: 'one', kind: 'small', row: await row.save({ id: 1, v: 'one' }) })
    expect(await made.find({ relations: { row: true } })).toMatchObject([{ id: 1, name: 'one', row: { v: 'one' } }])
    expect((await source.driver.createSchemaBuilder().log()).upQueries).toEqual([])
    await source.synchronize(true)
    expect(await made.count()).toBe(0)
    await source.destroy()
  })
}

function open({ url, stream }: Way): DataSource {
  return new DataSource({ type: 'postgres', url, entities: [Rows, Made], poolSize: 4, extra: stream ? { stream } : {} })
}

function workOf(manager: EntityManager): Work {
  return {
    insert: (id, v) => manager.insert(Rows, { id, v }),
    read: async id => (await manager.findOneBy(Rows, { id }))?.v,
    update: (id, v) => manager.update(Rows, { id }, { v }),
    remove: id => manager.delete(Rows, { id }),
    transaction: work => manager.transaction(inside => work(workOf(inside))),
  }
}
