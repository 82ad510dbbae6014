/** Runs Postgres's own benchmark through the sandbox: reads by four clients, and TPC-B, which repeatedly updates one row. */

import type { Server } from '../postgres/server.ts'
import { createClone } from '../postgres/templates/clone.ts'
import { median } from './median.ts'
import { findPgbench, initialize, transactionsPerSecond } from './pgbench-run.ts'
import { type SandboxProcess, startSandboxProcess } from './sandbox-process.ts'
import { withSubject } from './subject.ts'
import { type Row, ratio, type Section } from './table.ts'
import { type Transport, transportsTo } from './transports.ts'

const piece = 500

export function measurePgbench(short: boolean): Promise<Section> {
  const pgbench = findPgbench()
  if (!pgbench) {
    return Promise.resolve({
      title: "pgbench: not measured, because it is neither on PATH nor in Debian's folders",
      rows: [],
    })
  }
  return withSubject(async ({ server }) => {
    // A database each: rows that the sandbox's transaction has updated stay locked until it ends.
    const [bare, transport] = [await prepare(pgbench, server), await prepare(pgbench, server)]
    const sandbox = await startSandboxProcess(transport)
    const measure = (url: string, ...args: string[]) => transactionsPerSecond(pgbench, url, args)
    try {
      const rows = [
        ...(await measureReading(measure, bare.url, sandbox.url, short)),
        ...(await measureWriting(measure, bare.url, sandbox, short)),
      ]
      return { title: `pgbench over ${transport.name}`, rows }
    } finally {
      await sandbox.stop()
    }
  })
}

async function prepare(pgbench: string, server: Server): Promise<Transport> {
  const { url } = await createClone(server)
  await initialize(pgbench, url)
  const transport = (await transportsTo(url)).at(-1)
  if (!transport) throw new Error(`There is no transport for ${url}.`)
  return transport
}

type Measure = (url: string, ...args: string[]) => Promise<number>

async function measureReading(measure: Measure, bareUrl: string, sandboxUrl: string, short: boolean): Promise<Row[]> {
  const bare: number[] = []
  const sandbox: number[] = []
  const time = ['-T', short ? '1' : '5']
  for (let round = 0; round < (short ? 1 : 5); round++) {
    bare.push(await measure(bareUrl, '-S', '-c', '1', ...time))
    sandbox.push(await measure(sandboxUrl, '-S', '-c', '4', ...time))
  }
  return [
    { what: '-S, bare server, 1 client', median: rate(median(bare)) },
    {
      what: '-S, sandbox, 4 clients',
      median: rate(median(sandbox)),
      ...ratio(median(sandbox), median(bare), 'bare server', { atLeast: 0.5 }),
    },
  ]
}

/** Runs in pieces, all in one transaction: versions of the row that all update cannot be pruned. */
async function measureWriting(
  measure: Measure,
  bareUrl: string,
  sandbox: SandboxProcess,
  short: boolean,
): Promise<Row[]> {
  const args = ['-c', '1', '-t', String(piece)]
  const bare: number[] = []
  const pieces: number[][] = []
  for (let round = 0; round < (short ? 1 : 3); round++) {
    await sandbox.reopen()
    for (let i = 0; i < (short ? 3 : 10); i++) {
      bare.push(await measure(bareUrl, ...args))
      pieces[i] = [...(pieces[i] ?? []), await measure(sandbox.url, ...args)]
    }
  }
  return [
    { what: 'TPC-B, bare server', median: rate(median(bare)) },
    ...pieces.map((values, i) => ({
      what: `TPC-B, sandbox, transactions ${i * piece + 1} to ${(i + 1) * piece}`,
      median: rate(median(values)),
      ...ratio(median(values), median(bare), 'bare server', i === 0 ? { atLeast: 0.25 } : {}),
    })),
  ]
}

const rate = (perSecond: number): string => `${perSecond.toFixed(0)} per second`
