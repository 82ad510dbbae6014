/** Measures the isolation of a test that inserts one row, by several methods. */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import pg from 'pg'
import { createClone } from '../postgres/templates/clone.ts'
import { median, sideBySide } from './median.ts'
import { insert, type Subject, tables, values, withSubject } from './subject.ts'
import { duration, type Row, ratio, type Section } from './table.ts'
import { type Transport, transportsTo } from './transports.ts'

export function measureTransactions(short: boolean): Promise<Section> {
  return withSubject(async subject => {
    const rows: Row[] = []
    for (const transport of await transportsTo(subject.database.url))
      rows.push(...(await measure(subject, transport, short)))
    const slow = await measureSlowWays(subject, short ? 3 : 40)
    return {
      title: 'Isolating one test: begin, one insert, roll back',
      rows: [
        ...rows,
        { what: 'TRUNCATE of 50 tables', median: duration(slow.truncate) },
        { what: 'a clone of the template per test', median: duration(slow.clone) },
      ],
    }
  })
}

async function measure({ bare }: Subject, { name, url }: Transport, short: boolean): Promise<Row[]> {
  const times = { bare: [] as number[], sandbox: [] as number[], peer: [] as number[] }
  for (let round = 0; round < (short ? 1 : 9); round++) {
    for (const method of ['bare', 'sandbox', 'peer'] as const) {
      // Rows that the other methods rolled back are still in the table's index.
      await bare.query('truncate users')
      times[method].push(isolateInProcess(method, url, short ? 500 : 3000))
    }
  }
  const [raw, ours, peer] = [median(times.bare), median(times.sandbox), median(times.peer)]
  return [
    { what: `bare pg client, ${name}: BEGIN; INSERT; ROLLBACK`, median: duration(raw) },
    {
      what: '  sandbox, one insert through its pool',
      median: duration(ours),
      ...ratio(ours, raw, `bare pg, ${name}`, { atMost: 1.5 }),
    },
    {
      what: '  pg-transactional-tests, same work',
      median: duration(peer),
      ...ratio(peer, ours, 'the sandbox', { atLeast: 1 }),
    },
  ]
}

function measureSlowWays({ server, template, bare }: Subject, rounds: number) {
  return sideBySide(
    {
      truncate: async () => {
        await bare.query(insert, values)
        await bare.query(`truncate ${tables.join(', ')}`)
      },
      clone: async () => {
        const clone = await createClone(server, template)
        const client = new pg.Client(clone.url)
        await client.connect()
        await client.query(insert, values)
        await client.end()
        await clone.drop()
      },
    },
    rounds,
  )
}

function isolateInProcess(method: string, url: string, rounds: number): number {
  const script = path.join(import.meta.dirname, 'isolation/main.ts')
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script, method, url, String(rounds)], {
    encoding: 'utf8',
  })
  const ms = Number(stdout)
  if (!stdout || Number.isNaN(ms)) throw new Error(`The method ${method} could not be measured:\n${stdout}${stderr}`)
  return ms
}
