/** Measures the overhead of the sandbox for a transaction of three inserts. */
import pg from 'pg'
import { SandboxPool } from '../sandbox/pool.ts'
import { Sandbox } from '../sandbox/sandbox.ts'
import { median, sideBySide } from './median.ts'
import { insert, withSubject } from './subject.ts'
import { duration, type Row, ratio, type Section } from './table.ts'
import { type Transport, transportsTo } from './transports.ts'

export function measureInserts(short: boolean): Promise<Section> {
  return withSubject(async ({ database }) => {
    const rows: Row[] = []
    for (const transport of await transportsTo(database.url)) rows.push(...(await measure(transport, short)))
    return { title: 'One transaction: begin, three inserts, commit', rows }
  })
}

async function measure({ name, url }: Transport, short: boolean): Promise<Row[]> {
  const bare = new pg.Client(url)
  await bare.connect()
  const sandbox = await Sandbox.connect(url)
  const pool = new SandboxPool(sandbox, 'bench')
  sandbox.open()
  const inProcess = await pool.connect()
  const rounds: Array<Record<'bare' | 'sandbox', number>> = []
  for (let round = 0; round < (short ? 3 : 15); round++) {
    rounds.push(await sideBySide({ bare: writer(bare), sandbox: writer(inProcess) }, short ? 4 : 20, 25))
    await sandbox.close()
    await bare.query('truncate users')
    sandbox.open()
  }
  inProcess.release()
  await pool.end()
  await sandbox.dispose()
  await bare.end()
  // The first round warms up.
  const times = { bare: 0, sandbox: 0 }
  for (const who of ['bare', 'sandbox'] as const) times[who] = median(rounds.slice(1).map(round => round[who]))
  return [
    { what: `bare pg, ${name}`, median: duration(times.bare) },
    {
      what: '  sandbox, in process',
      median: duration(times.sandbox),
      ...ratio(times.sandbox, times.bare, `bare pg, ${name}`, { atMost: 1.2 }),
    },
  ]
}

/** Both write to the same table, with different keys: a conflict in the unique index would block. */
function writer(client: pg.ClientBase): () => Promise<void> {
  const owner = Math.random().toString(36).slice(2)
  let count = 0
  return async () => {
    await client.query('begin')
    for (let i = 0; i < 3; i++) await client.query(insert, [`${owner}-${count++}@example.com`, 'Ada'])
    await client.query('commit')
  }
}
