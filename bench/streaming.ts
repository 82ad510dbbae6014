/** Measures large results through a sandbox in another process: throughput and memory. */
import pg from 'pg'
import { median, sideBySide } from './median.ts'
import { startSandboxProcess } from './sandbox-process.ts'
import { withSubject } from './subject.ts'
import { duration, type Row, ratio, type Section } from './table.ts'
import { type Transport, transportsTo } from './transports.ts'

const rowBytes = 10_000
const mostMemory = 50e6

export function measureStreaming(short: boolean): Promise<Section> {
  const megabytes = short ? 50 : 1000
  return withSubject(async ({ database }) => {
    const rows: Row[] = []
    for (const transport of await transportsTo(database.url)) {
      rows.push(...(await measure(transport, megabytes, short ? 1 : 5)))
    }
    return { title: `Streaming ${megabytes} MB of rows, ${rowBytes / 1000} kB each`, rows }
  })
}

async function measure(transport: Transport, megabytes: number, rounds: number): Promise<Row[]> {
  const sandbox = await startSandboxProcess(transport)
  const bare = new pg.Client(transport.url)
  const outside = new pg.Client(sandbox.url)
  await bare.connect()
  await outside.connect()
  const count = (megabytes * 1e6) / rowBytes
  // Warms up: the process reaches the memory that any result needs.
  await stream(outside, Math.ceil(count / 20))
  const before = await sandbox.memory()
  const growth: number[] = []
  const times = await sideBySide(
    {
      bare: () => stream(bare, count),
      sandbox: async () => {
        await stream(outside, count)
        growth.push((await sandbox.memory()).peak - before.now)
      },
    },
    rounds,
  )
  await bare.end()
  await outside.end()
  await sandbox.stop()
  const most = Math.max(...growth)
  return [
    { what: `bare pg, ${transport.name}`, median: duration(times.bare) },
    {
      what: '  sandbox, throughput',
      median: duration(times.sandbox),
      // The ratio of throughputs is the inverse of the ratio of times.
      ...ratio(times.bare, times.sandbox, 'the throughput of bare pg', { atLeast: 0.8 }),
    },
    {
      what: `  sandbox, growth of memory, median of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
      median: `${(median(growth) / 1e6).toFixed(0)} MB`,
      relation: `${(most / 1e6).toFixed(0)} MB at most`,
      target: `less than ${mostMemory / 1e6} MB`,
      missed: most >= mostMemory,
    },
  ]
}

/** Reads the rows one by one without keeping them. */
function stream(client: pg.Client, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const query = client.query(
      new pg.Query(`select i, repeat('x', ${rowBytes}) from generate_series(1, ${count}) as i`),
    )
    let rows = 0
    query.on('row', () => {
      rows++
    })
    query.on('error', reject)
    query.on('end', () => (rows === count ? resolve() : reject(new Error(`Only ${rows} of ${count} rows arrived.`))))
  })
}
