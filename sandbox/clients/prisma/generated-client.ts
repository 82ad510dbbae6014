/**
 * Generates Prisma's client, as far as the tests use it. Prisma's command requires its schema engine even where it does
 * not run it, and would download it; any file at PRISMA_SCHEMA_ENGINE_BINARY prevents that. Generating and querying
 * need only what npm installs. `prisma db push` and `prisma migrate` need that engine, and are not tested for this
 * reason.
 */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import type { PrismaPg } from '@prisma/adapter-pg'

type Row = { id: number; v: string | null }

export interface PrismaClient {
  t: {
    create(what: { data: Row }): Promise<Row>
    createMany(what: { data: Row[] }): Promise<{ count: number }>
    findUnique(what: { where: { id: number } }): Promise<Row | null>
    findMany(what: { where?: object; orderBy?: object; take?: number; skip?: number }): Promise<Row[]>
    update(what: { where: { id: number }; data: Partial<Row> }): Promise<Row>
    upsert(what: { where: { id: number }; create: Row; update: Partial<Row> }): Promise<Row>
    delete(what: { where: { id: number } }): Promise<Row>
    count(): Promise<number>
  }
  $transaction<T>(work: (inside: PrismaClient) => Promise<T>): Promise<T>
  $transaction<T>(series: Promise<T>[]): Promise<T[]>
  $queryRaw<T>(text: TemplateStringsArray, ...values: unknown[]): Promise<T>
  $disconnect(): Promise<void>
}

/** The options and members of `PrismaClient` that the tests use. */
export type PrismaClientClass = new (options: { adapter: PrismaPg }) => PrismaClient

const folder = import.meta.dirname
const root = path.join(folder, '../../..')

/** Throws an error with the command's output. */
export async function generateClient(): Promise<PrismaClientClass> {
  const command = path.join(root, 'node_modules/prisma/build/index.js')
  const schema = path.join(folder, 'schema.prisma')
  await promisify(execFile)(process.execPath, [command, 'generate', '--no-hints', '--schema', schema], {
    cwd: folder,
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  })
  const generated: { PrismaClient: PrismaClientClass } = await import(
    path.join(root, '.reprise/prisma-client/client.ts')
  )
  return generated.PrismaClient
}
