/** Prisma: its client on `@prisma/adapter-pg`, with the query compiler in this process. */
import { expect } from '@playwright/test'
import { PrismaPg } from '@prisma/adapter-pg'
import { test, type Way } from './client-fixture.ts'
import { failureOf, type Work, worksAsOnAServer } from './expectations.ts'
import { generateClient, type PrismaClient, type PrismaClientClass } from './prisma/generated-client.ts'

// In one worker, so that the client is generated once.
test.describe.configure({ mode: 'default' })

let Client: PrismaClientClass

test.beforeAll(async () => {
  Client = await generateClient()
})

worksAsOnAServer(['tcp', 'memory'], {
  uniqueViolation: { code: 'P2002' },
  connect: way => {
    const prisma = open(way)
    return { ...workOf(prisma), close: () => prisma.$disconnect() }
  },
})

for (const way of ['tcp', 'memory'] as const) {
  test(`an array of queries runs as one transaction: ${way}`, async ({ tcp, memory }) => {
    const prisma = open({ tcp, memory }[way])
    const put = (id: number) => prisma.t.create({ data: { id, v: `row ${id}` } })
    expect(await failureOf(prisma.$transaction([put(1), put(2), put(1)]))).toMatchObject({ code: 'P2002' })
    expect(await prisma.t.count()).toBe(0)
    await prisma.$transaction([put(1), put(2), put(3)])
    expect(await prisma.$queryRaw`select v from t where id = ${3}`).toEqual([{ v: 'row 3' }])
    await prisma.t.upsert({ where: { id: 1 }, create: { id: 1, v: 'made' }, update: { v: 'changed' } })
    expect(await prisma.t.findMany({ orderBy: { id: 'asc' }, take: 1 })).toEqual([{ id: 1, v: 'changed' }])
    await prisma.$disconnect()
  })
}

function open({ url, pool, stream }: Way): PrismaClient {
  return new Client({ adapter: stream ? new PrismaPg(pool) : new PrismaPg({ connectionString: url, max: 4 }) })
}

function workOf(prisma: PrismaClient): Work {
  return {
    insert: (id, v) => prisma.t.create({ data: { id, v } }),
    read: async id => (await prisma.t.findUnique({ where: { id } }))?.v,
    update: (id, v) => prisma.t.update({ where: { id }, data: { v } }),
    remove: id => prisma.t.delete({ where: { id } }),
    transaction: work => prisma.$transaction(inside => work(workOf(inside))),
  }
}
