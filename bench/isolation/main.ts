/**
 * Isolates one test that inserts one row, again and again. In a process of its own, since one of the ways patches `pg` for the
 * whole process. Arguments: the way, database URL, rounds. Prints milliseconds.
 */
import pg from 'pg'
import { testTransaction } from 'pg-transactional-tests'
import { SandboxPool } from '../../sandbox/pool.ts'
import { Sandbox } from '../../sandbox/sandbox.ts'
import { sideBySide } from '../median.ts'
import { insert, values } from '../subject.ts'

/** What runs and isolates one test. */
type Isolate = () => Promise<void>

const ways: Record<string, (url: string) => Promise<Isolate>> = { bare, sandbox, peer }

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

/** As its documentation says. */
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
const isolate = await ways[name]?.(url)
if (!isolate) throw new Error(`There is no way called ${JSON.stringify(name)}.`)
// Node compiles what runs often, and it takes some thousand tests until it has done that for all three.
await sideBySide({ isolate }, Number(rounds))
console.log((await sideBySide({ isolate }, Number(rounds))).isolate)
process.exit()
