/**
 * Runs the benchmarks and prints them as tables: `npm run bench -- [--short] [SECTION...]`. `--short` only shows that each works:
 * it runs three side by side, since many wait. The rows of `detection` can be chosen, since all of them take two hours:
 * `npm run bench -- detection --outage hangs --checks 200 --rounds 1`.
 */
import { parseArgs } from 'node:util'
import { measureColdStart } from './cold-start.ts'
import { measureDetection } from './detection.ts'
import { measureEvidence } from './evidence.ts'
import { measureEvidenceMemory } from './evidence-memory.ts'
import { measureFailures } from './failures.ts'
import { measureInserts } from './inserts.ts'
import { measureManyTests } from './many-tests.ts'
import { measureMonitorHistory } from './monitor-history.ts'
import { measureMonitorLoad } from './monitor-load.ts'
import { measureOverload } from './overload.ts'
import { measurePgbench } from './pgbench.ts'
import { measurePlainEnglish } from './plain-english.ts'
import { measureReplays } from './replays.ts'
import { measureRequests } from './requests.ts'
import { measureSelects } from './selects.ts'
import { measureStreaming } from './streaming.ts'
import { printTable } from './table.ts'
import { measureTransactions } from './transactions.ts'
import { measureWorker } from './worker.ts'

const sections = {
  selects: measureSelects,
  inserts: measureInserts,
  pgbench: measurePgbench,
  streaming: measureStreaming,
  transactions: measureTransactions,
  worker: measureWorker,
  'cold-start': measureColdStart,
  'many-tests': measureManyTests,
  evidence: measureEvidence,
  'evidence-memory': measureEvidenceMemory,
  requests: measureRequests,
  replays: measureReplays,
  failures: measureFailures,
  detection: (short: boolean) => measureDetection(short, detection),
  'monitor-load': measureMonitorLoad,
  overload: measureOverload,
  'monitor-history': measureMonitorHistory,
  'plain-english': measurePlainEnglish,
}

const { values, positionals: chosen } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    outage: { type: 'string', multiple: true },
    checks: { type: 'string', multiple: true },
    rounds: { type: 'string' },
  },
})
const { short, help, ...detection } = values
const unknown = chosen.filter(name => !Object.hasOwn(sections, name))
const usage = `bench takes --short, names of sections, which are ${Object.keys(sections).join(', ')}, and for detection --outage KIND, --checks COUNT and --rounds COUNT`

if (help) console.log(`${usage}.`)
else if (unknown.length > 0) {
  console.error(`${usage}, but got ${unknown.join(' ')}.`)
  process.exitCode = 2
} else {
  const waiting = Object.entries(sections).filter(([name]) => chosen.length === 0 || chosen.includes(name))
  const measureInTurn = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, measure] = next
      const from = performance.now()
      const section = await measure(short).catch(error => {
        throw new Error(`The section ${name} failed.`, { cause: error })
      })
      printTable(section)
      console.log(`  (${name}: ${Math.round((performance.now() - from) / 1000)} s)`)
    }
  }
  // All: an error would end this process while other sections still have servers and busy processes to end.
  const ended = await Promise.allSettled(Array.from({ length: short ? 3 : 1 }, measureInTurn))
  const errors = ended.flatMap(each => (each.status === 'rejected' ? [each.reason] : []))
  if (errors.length > 0) throw new AggregateError(errors, 'Not all sections could be measured.')
}
