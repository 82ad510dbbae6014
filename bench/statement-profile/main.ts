/**
 * Counts what one statement runs: how many files and functions of `sandbox/`, and how often these are called, for a client in
 * this process whose statement was run before. Functions without a name, such as callbacks, are counted apart. `--list`
 * prints each function with its calls.
 */
import { Session } from 'node:inspector/promises'
import path from 'node:path'
import { setImmediate as immediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { withSubject } from '../subject.ts'

const folder = path.resolve(import.meta.dirname, '../../sandbox')

/** Gives functions their names; it stands in each file that tsx has compiled. */
const helperOfTsx = '__name'

const noName = '(no name)'

const statements = [
  { what: 'select 1, simple', text: 'select 1', values: undefined },
  { what: 'select $1, extended', text: 'select $1::int', values: [1] },
]

/** `calls` is never 0. */
type Called = { file: string; name: string; calls: number }

await withSubject(async ({ sandbox, pool }) => {
  sandbox.open()
  const client = await pool.connect()
  for (const { what, text, values } of statements) {
    const run = () => client.query(text, values)
    // What runs for the first time parses its text, or makes what is kept.
    for (let i = 0; i < 100; i++) await run()
    const functions = await functionsCalledBy(run)
    const named = functions.filter(({ name }) => name !== noName)
    const files = new Set(named.map(({ file }) => file))
    const [calls, all] = [callsOf(named), callsOf(functions)]
    const others = `${all - calls} calls of functions without a name`
    console.log(`${what}: ${files.size} files, ${named.length} functions, ${calls} calls, and ${others}`)
    if (process.argv.includes('--list')) console.log(`${listOf(functions)}\n`)
  }
  client.release()
  await pool.end()
  await sandbox.close()
})

async function functionsCalledBy(run: () => Promise<unknown>): Promise<Called[]> {
  const inspector = new Session()
  inspector.connect()
  await inspector.post('Profiler.enable')
  await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
  // The counts begin again with each look at them.
  await run()
  await immediate()
  await inspector.post('Profiler.takePreciseCoverage')
  await run()
  // What is done once the client has its answer belongs to the statement, too.
  await immediate()
  const { result } = await inspector.post('Profiler.takePreciseCoverage')
  await inspector.post('Profiler.stopPreciseCoverage')
  inspector.disconnect()
  return result
    .filter(({ url }) => url.startsWith('file:'))
    .flatMap(({ url, functions }) => {
      const file = path.relative(folder, fileURLToPath(url.replace(/\?.*$/, '')))
      if (file.startsWith('..')) return []
      return functions
        .map(({ functionName, ranges }) => ({ file, name: functionName || noName, calls: ranges[0]?.count ?? 0 }))
        .filter(({ name, calls }) => calls > 0 && name !== helperOfTsx)
    })
}

function callsOf(functions: readonly Called[]): number {
  return functions.reduce((sum, { calls }) => sum + calls, 0)
}

function listOf(functions: readonly Called[]): string {
  return functions
    .toSorted((one, other) => one.file.localeCompare(other.file) || other.calls - one.calls)
    .map(({ file, name, calls }) => `${String(calls).padStart(4)}  ${file}  ${name}`)
    .join('\n')
}
