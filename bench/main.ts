/** Prints the table of benchmarks: `npm run bench`, or `npm run bench -- --short` for fewer rounds. */
import { measureColdStart } from './cold-start.ts'
import { measureInserts } from './inserts.ts'
import { measureManyTests } from './many-tests.ts'
import { measurePgbench } from './pgbench.ts'
import { measureSelects } from './selects.ts'
import { measureStreaming } from './streaming.ts'
import { printTable } from './table.ts'
import { measureTransactions } from './transactions.ts'
import { measureWorker } from './worker.ts'

const short = process.argv.includes('--short')
const unknown = process.argv.slice(2).filter(argument => argument !== '--short')
if (unknown.length > 0) throw new Error(`bench takes --short and nothing else, but got ${unknown.join(' ')}.`)

const sections = [
  measureSelects,
  measureInserts,
  measurePgbench,
  measureStreaming,
  measureTransactions,
  measureWorker,
  measureColdStart,
  measureManyTests,
]
for (const measure of sections) printTable(await measure(short))
