/** What it costs to isolate one test that inserts one row, in several ways. */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import pg from 'pg'
import { createClone } from '../postgres/clone.ts'
import { median, sideBySide } from './median.ts'
import { insert, type Subject, tables, values, withSubject } from './subject.ts'
import { duration, ratio, type Section } from './table.ts'

export function measureTransactions(short: boolean): Promise<Section> {
  return withSubject(async subject => {
    const { bare, sandbox, pool, database } = subject
    const contestants = {
      sandbox: async () => {
        sandbox.open()
        await pool.query(insert, values)
        await sandbox.close()
      },
      bare: async () => {
        await bare.query('BEGIN')
        await bare.query(insert, values)
        await bare.query('ROLLBACK')
      },
    }
    await sideBySide(contestants, 500)
    const peers: number[] = []
    const rounds: Array<Record<keyof typeof contestants, number>> = []
    for (let i = 0; i < (short ? 3 : 7); i++) {
      rounds.push(await sideBySide(contestants, 1000))
      peers.push(measurePeer(database.url, 1000))
    }
    const ours = median(rounds.map(round => round.sandbox))
    const raw = median(rounds.map(round => round.bare))
    const peer = median(peers)
    const slow = await measureSlowWays(subject, short ? 10 : 40)
    return {
      title: 'Isolating one test: begin, one insert, undo',
      rows: [
        { what: 'bare pg client: BEGIN; INSERT; ROLLBACK', median: duration(raw) },
        {
          what: 'sandbox, one insert through its pool',
          median: duration(ours),
          ...ratio(ours, raw, 'bare pg', { atMost: 1.5 }),
        },
        {
          what: 'pg-transactional-tests, same work',
          median: duration(peer),
          ...ratio(peer, ours, 'the sandbox', { atLeast: 1 }),
        },
        {
          what: 'TRUNCATE of 50 tables',
          median: duration(slow.truncate),
          ...ratio(slow.truncate, ours, 'the sandbox'),
        },
        {
          what: 'a clone of the template per test',
          median: duration(slow.clone),
          ...ratio(slow.clone, ours, 'the sandbox'),
        },
      ],
    }
  })
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

/** In a process of its own, since it patches `pg` for the whole process. */
function measurePeer(url: string, rounds: number): number {
  const script = path.join(import.meta.dirname, 'pg-transactional-tests/main.ts')
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script, url, String(rounds)], {
    encoding: 'utf8',
  })
  const ms = Number(stdout)
  if (!stdout || Number.isNaN(ms)) throw new Error(`pg-transactional-tests could not be measured:\n${stdout}${stderr}`)
  return ms
}
