/** Tests the stores of evidence that instances share: large objects of a real Postgres, and a real store of S3's interface. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect } from '@playwright/test'
import type pg from 'pg'
import S3rver from 's3rver'
import { writeFiles } from '../../testing/project-folder.ts'
import { type EvidencePlace, s3 } from '../config/evidence-stores.ts'
import { writeOutcomes } from '../replay/report-outcomes.ts'
import { test as base } from '../testing/reports-fixture.ts'
import type { Outcome } from '../verdict/finding.ts'
import type { KeptEvidence } from './evidence.ts'

interface Bucket {
  place: EvidencePlace
  /** The keys of its objects. */
  keys(): Promise<string[]>
  /** Awaited before an object is written. */
  beforePut(): Promise<unknown>
  /** Awaited before one is removed. */
  beforeDelete(): Promise<unknown>
  stop(): Promise<void>
  start(): Promise<void>
}

const test = base.extend<{ bucket: Bucket }>({
  bucket: async ({ folder }, use) => {
    const directory = path.join(folder, 'buckets')
    const store = new S3rver({ directory, silent: true, configureBuckets: [{ name: 'kept', configs: [] }] })
    await store.configureBuckets()
    const answer = store.callback()
    const listener: RequestListener = async (request, response) => {
      if (request.method === 'PUT') await bucket.beforePut()
      if (request.method === 'DELETE') await bucket.beforeDelete()
      answer(request, response)
    }
    let [server, port] = [createServer(listener), 0]
    const start = async () => {
      server = createServer(listener).listen(port, '127.0.0.1')
      await once(server, 'listening')
      port = (server.address() as AddressInfo).port
    }
    const stop = async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
    await start()
    const bucket: Bucket = {
      beforePut: async () => undefined,
      beforeDelete: async () => undefined,
      place: s3({
        ...{ bucket: 'kept', prefix: 'reports/', endpoint: `http://127.0.0.1:${port}`, forcePathStyle: true },
        ...{ accessKeyId: '${secret:' + 'S3_ID}', secretAccessKey: '${secret:' + 'S3_KEY}' },
      }),
      keys: async () => {
        const names = await readdir(path.join(directory, 'kept'), { recursive: true })
        return names
          .filter(name => name.endsWith('_object'))
          .map(name => name.replace('._S3rver_object', ''))
          .sort()
      },
      ...{ start, stop },
    }
    await use(bucket)
    await stop()
  },
})

const env = { S3_ID: 'S3RVER', S3_KEY: 'S3RVER' }
const hour = 3_600_000

const runAt = (ageMs: number, id: string) =>
  `${new Date(Date.now() - ageMs)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '')}-${id}`

/** A finished run on disk, and its content. */
async function writeRun(folder: string, run: string, content: Buffer, outcome: Outcome = 'failed'): Promise<void> {
  const place = path.join(folder, '.reprise/runs', run)

  await writeFiles(place, { 'evidence.zip': '' })
  await writeFile(path.join(place, 'evidence.zip'), content)
  await writeOutcomes(place, [{ name: 'orders', outcome }])
}

async function stored(evidence: KeptEvidence, run: string): Promise<string> {
  const found = await evidence.find(run)
  if (found.kind !== 'stored') return found.kind
  const content = await buffer(await found.read())
  return content.length === found.bytes ? hash(content) : `${content.length} bytes of ${found.bytes}`
}

const hash = (content: Buffer) => createHash('sha256').update(content).digest('hex')

const objects = async (pool: pg.Pool): Promise<number> => {
  const { rows } = await pool.query('select count(*)::int as count from pg_largeobject_metadata')
  return rows[0].count
}

for (const kind of ['postgres', 's3'] as const) {
  test(`instances share evidence in ${kind}, whole, and one removes what is superfluous`, async ({
    folder,
    pool,
    bucket,
    serveReports,
  }) => {
    const store = kind === 'postgres' ? 'postgres' : bucket.place
    const count = async () => (kind === 'postgres' ? await objects(pool) : (await bucket.keys()).length)
    const [here, there] = [path.join(folder, 'here'), path.join(folder, 'there')]
    const one = await serveReports({ folder: here, store, env, retention: { evidence: '1d' } })
    const other = await serveReports({ folder: there, store, env, retention: { evidence: '1d' } })
    // Longer than one statement writes, to the byte, and empty.
    const contents = [2_500_001, 1_048_576, 0].map(length => randomBytes(length))
    const runs = contents.map((_, index) => runAt(hour, `run${index}`))
    for (const [index, content] of contents.entries()) await writeRun(here, runs[index] ?? '', content)
    await one.evidence.upload()
    await one.evidence.upload()
    expect(await readdir(path.join(here, '.reprise/runs'))).toEqual([])
    for (const [index, content] of contents.entries()) {
      expect(await stored(other.evidence, runs[index] ?? '')).toBe(hash(content))
    }
    // The same run from another instance, as after a crash between its two writes.
    await writeRun(there, runs[0] ?? '', contents[0] ?? Buffer.alloc(0))
    await Promise.all([other.evidence.upload(), one.evidence.upload()])
    expect(await count()).toBe(3)

    await pool.query(`update reprise.evidence set created_at = now() - interval '2 days' where run = $1`, [runs[0]])
    await Promise.all([one.evidence.removeOld(), other.evidence.removeOld()])
    expect(await count()).toBe(2)
    expect(await other.evidence.find(runs[0] ?? '')).toEqual({ kind: 'removed', at: expect.any(Date) })
    expect(await stored(one.evidence, runs[1] ?? '')).toBe(hash(contents[1] ?? Buffer.alloc(0)))
  })
}

test('a failure and the passed runs beside it are kept longest', async ({ folder, pool, serveReports }) => {
  const served = await serveReports({ folder, store: 'postgres', retention: { evidenceBytes: 450 } })
  const outcomes: Outcome[] = ['passed', 'passed', 'passed', 'failed', 'passed', 'passed', 'passed']
  for (const [index, outcome] of outcomes.entries()) {
    await writeRun(folder, runAt((20 - index) * hour, `run${index}`), randomBytes(100), outcome)
  }
  await served.evidence.upload()
  await pool.query(`update reprise.evidence set created_at = now() - (20 - right(run, 1)::int) * interval '1 hour'`)
  await served.evidence.removeOld()
  const { rows } = await pool.query(
    'select right(run, 4) as run from reprise.evidence where removed_at is null order by run',
  )
  expect(rows.map(({ run }) => run)).toEqual(['run2', 'run3', 'run4', 'run6'])
  expect(await objects(pool)).toBe(4)
})

test('while the store is away evidence waits on disk, is shown from there, and is moved later', async ({
  folder,
  bucket,
  serveReports,
}) => {
  const served = await serveReports({ folder, store: bucket.place, env })
  const [first, second] = [runAt(hour, 'first'), runAt(0, 'second')]
  await writeRun(folder, first, randomBytes(1000))
  await bucket.stop()
  await expect(served.evidence.upload()).rejects.toThrow(/ECONNREFUSED/)
  await writeRun(folder, second, randomBytes(1000))
  expect(await served.evidence.find(first)).toMatchObject({ kind: 'archive', bytes: 1000 })
  await bucket.start()
  await served.evidence.upload()
  expect(await bucket.keys()).toEqual([`reports/${first}.zip`, `reports/${second}.zip`])
  expect(await readdir(path.join(folder, '.reprise/runs'))).toEqual([])
})

test('what was removed while it was being written is not left in the bucket', async ({
  folder,
  pool,
  bucket,
  serveReports,
}) => {
  const { evidence } = await serveReports({ folder, store: bucket.place, env })
  const run = runAt(hour, 'slow')
  await writeRun(folder, run, randomBytes(10))
  bucket.beforePut = () =>
    pool.query(
      `insert into reprise.evidence (run, store, place, bytes, created_at, removed_at)
       values ($1, 's3', '', 10, now(), now())`,
      [run],
    )
  await evidence.upload()
  expect(await bucket.keys()).toEqual([])
  expect(await readdir(path.join(folder, '.reprise/runs'))).toEqual([])
  expect(await evidence.find(run)).toMatchObject({ kind: 'removed' })
})

test('what is in a bucket that the configuration does not name any more is not taken for removed', async ({
  folder,
  pool,
  bucket,
  serveReports,
}) => {
  const { evidence } = await serveReports({ folder, store: bucket.place, env, retention: { evidence: '1d' } })
  const runs = ['a', 'b', 'c', 'd', 'here'].map(id => runAt(hour, id))
  for (const run of runs) await writeRun(folder, run, randomBytes(10))
  await evidence.upload()
  await pool.query(`
    update reprise.evidence set created_at = now() - interval '2 days';
    update reprise.evidence set bucket = 'https://earlier.example.com/kept' where run not like '%here'`)
  await expect(evidence.removeOld()).rejects.toThrow('is in https://earlier.example.com/kept, a bucket that')
  expect(await bucket.keys()).toHaveLength(4)
  expect((await evidence.find(runs[0] ?? '')).kind).toBe('stored')
  expect((await evidence.find(runs[4] ?? '')).kind).toBe('removed')
})

test('a stop interrupts the removal from a store that hangs, and the next one goes on', async ({
  folder,
  pool,
  bucket,
  serveReports,
}) => {
  const { evidence } = await serveReports({ folder, store: bucket.place, env, retention: { evidence: '1d' } })
  for (const id of ['a', 'b']) await writeRun(folder, runAt(hour, id), randomBytes(10))
  await evidence.upload()
  await pool.query(`update reprise.evidence set created_at = now() - interval '2 days'`)
  const stopping = new AbortController()
  bucket.beforeDelete = () => {
    stopping.abort()
    return new Promise(() => undefined)
  }
  await evidence.removeOld(stopping.signal)
  expect(await bucket.keys()).toHaveLength(2)
  bucket.beforeDelete = async () => undefined
  await evidence.removeOld()
  expect(await bucket.keys()).toEqual([])
})

test('a missing secret of the store is named, and what it wrote is found when it is set', async ({
  folder,
  bucket,
  serveReports,
}) => {
  const unset: NodeJS.ProcessEnv = { S3_ID: 'S3RVER' }
  const served = await serveReports({ folder, store: bucket.place, env: unset })
  await writeRun(folder, runAt(0, 'run'), randomBytes(10))
  await expect(served.evidence.upload()).rejects.toThrow('set the environment variable S3_KEY')
  unset.S3_KEY = 'S3RVER'
  await served.evidence.upload()
  expect(await bucket.keys()).toHaveLength(1)
})
