/** Measures the overhead of the sandbox for one statement: in process, and for a client in another process. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { SandboxPool } from '../sandbox/pool.ts'
import { Sandbox } from '../sandbox/sandbox.ts'
import { loopback } from '../sandbox/transport/listener.ts'
import { sideBySideInRounds } from './median.ts'
import { startRelayProcess } from './relay-process.ts'
import { startSandboxProcess } from './sandbox-process.ts'
import { withSubject } from './subject.ts'
import { duration, type Row, ratio, type Section } from './table.ts'
import { type Transport, transportsTo } from './transports.ts'

const statements = [
  { what: 'select 1, simple', text: 'select 1', values: undefined, inProcess: 1.3 },
  { what: 'select $1, extended', text: 'select $1::int', values: [1], inProcess: 1.5 },
]

export function measureSelects(short: boolean): Promise<Section> {
  return withSubject(async ({ database }) => {
    const rows: Row[] = []
    const transports = await transportsTo(database.url)
    // The sandbox itself connects over the fastest transport, as in a test, whatever its clients use.
    for (const transport of transports) rows.push(...(await measure(transport, transports.at(-1) ?? transport, short)))
    return { title: 'One statement', rows }
  })
}

async function measure(transport: Transport, shortest: Transport, short: boolean): Promise<Row[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-bench-'))
  const sandbox = await Sandbox.connect(transport.url, { tcp: loopback, socketFolder: folder })
  sandbox.open()
  const pool = new SandboxPool(sandbox, 'bench')
  const inProcess = await pool.connect()
  const another = await startSandboxProcess(transport, shortest.url)
  const relay = await startRelayProcess(transport, shortest.url)
  const sameProcess = transport.name === 'TCP' ? sandbox.url : (sandbox.socketUrl ?? '')
  const clients = [transport.url, sameProcess, relay.url, another.url].map(url => new pg.Client(url))
  const [bare, bySocket, relayed, outside] = clients as [pg.Client, pg.Client, pg.Client, pg.Client]
  for (const client of clients) await client.connect()
  const rows: Row[] = []
  for (const { what, text, values, inProcess: atMost } of statements) {
    const times = await sideBySideInRounds(
      {
        bare: () => bare.query(text, values),
        inProcess: () => inProcess.query(text, values),
        bySocket: () => bySocket.query(text, values),
        relayed: () => relayed.query(text, values),
        outside: () => outside.query(text, values),
      },
      short ? 3 : 9,
      short ? 3 : 20,
      100,
      ...(short ? [0] : []),
    )
    const name = `bare pg, ${transport.name}`
    rows.push({ what: `${what}: ${name}`, median: duration(times.bare) })
    rows.push({
      what: '  sandbox, in process',
      median: duration(times.inProcess),
      ...ratio(times.inProcess, times.bare, name, { atMost }),
    })
    rows.push({
      what: `  sandbox, in process, over its ${transport.name}`,
      median: duration(times.bySocket),
      ...ratio(times.bySocket, times.bare, name, { atMost: 2 }),
    })
    rows.push({
      what: '  a relay in another process, which only forwards bytes',
      median: duration(times.relayed),
      ...ratio(times.relayed, times.bare, name),
    })
    rows.push({
      what: `  sandbox in another process, over ${transport.name}`,
      median: duration(times.outside),
      ...ratio(times.outside, times.bare, name, { atMost: 2 }),
    })
  }
  for (const client of clients) await client.end()
  inProcess.release()
  await pool.end()
  await another.stop()
  await relay.stop()
  await sandbox.dispose()
  await rm(folder, { recursive: true, force: true })
  return rows
}
