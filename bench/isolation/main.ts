/**
 * Repeatedly isolates a test that inserts one row, and prints the median in milliseconds. Runs in a process of its own,
 * because one of the methods patches `pg` globally. Arguments: method, database URL, rounds.
 */
import pg from 'pg'
import { testTransaction } from 'pg-transactional-tests'
import { SandboxPool } from '../../sandbox/pool.ts'
import { Sandbox } from '../../sandbox/sandbox.ts'
import { sideBySide } from '../median.ts'
import { insert, values } from '../subject.ts'

/** Runs and isolates one test. */
type Isolate = () => Promise<void>

const methods: Record<string, (url: string) => Promise<Isolate>> = { bare, sandbox, peer }

async function bare(url: string): Promise<Isolate> {
  const client = new pg.Client(url)
  await client.connect()
  return async () => {
    await client.query('BEGIN')
    await client.query(insert, values)
    await client.query('ROLLBACK')
  }
}

async function sandbox(url: string): Promise<Isolate> {
  const sandbox = await Sandbox.connect(url)
  const pool = new SandboxPool(sandbox, 'bench')
  return async () => {
    sandbox.open()
    await pool.query(insert, values)
    await sandbox.close()
  }
}

/** As in its documentation. */
async function peer(url: string): Promise<Isolate> {
  testTransaction.start()
  const pool = new pg.Pool({ connectionString: url })
  return async () => {
    testTransaction.start()
    await pool.query(insert, values)
    await testTransaction.rollback()
  }
}

const [name = '', url = '', rounds] = process.argv.slice(2)
const isolate = await methods[name]?.(url)
if (!isolate) throw new Error(`There is no method ${JSON.stringify(name)}.`)
// Warms up: the JIT compiler needs some thousand runs for each of the methods.
await sideBySide({ isolate }, Number(rounds))
console.log((await sideBySide({ isolate }, Number(rounds))).isolate)
process.exit()
