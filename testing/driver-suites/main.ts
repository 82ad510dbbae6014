/**
 * Runs the tests of another project on a bare server and in a sandbox, and prints which tests end differently:
 * `npx tsx testing/driver-suites/main.ts NAME CHECKOUT --server URL [--limit SECONDS] [--skip TITLES]`. README.md says how to get a checkout.
 */
import path from 'node:path'
import { parseArgs } from 'node:util'
import { runInSandbox, runOnServer, type SuiteRun, type TestResults } from './suite-run.ts'
import { suites } from './suites.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { server: { type: 'string' }, limit: { type: 'string', default: '300' }, skip: { type: 'string' } },
})
const [name = '', checkout] = positionals
const suite = suites[name]
if (suite === undefined || checkout === undefined || values.server === undefined) {
  throw new Error(
    `Name a suite (${Object.keys(suites).join(', ')}), the folder of its checkout, and a server by --server postgres://superuser@host:port/postgres.`,
  )
}
const run: SuiteRun = {
  suite,
  checkout: path.resolve(checkout),
  server: values.server,
  limit: 1000 * Number(values.limit),
  skip: values.skip,
}

const bare = await runOnServer(run)
summarise('on the server', bare)
const sandbox = await runInSandbox(run)
summarise('in the sandbox', sandbox)
const titles = [...new Set([...bare.tests.keys(), ...sandbox.tests.keys()])]
const differing = titles.filter(title => resultOf(bare, title) !== resultOf(sandbox, title))
// What differs between two runs on the server counts for nothing.
const again = differing.length === 0 ? bare : await runOnServer(run)
const isSteady = (title: string) => resultOf(bare, title) === resultOf(again, title)

for (const title of differing.filter(isSteady)) {
  console.log(`\n${title}\n  on the server: ${resultOf(bare, title)}\n  in the sandbox: ${resultOf(sandbox, title)}`)
  const error = sandbox.tests.get(title) ?? bare.tests.get(title)
  if (error !== undefined)
    console.log(
      error
        .split('\n')
        .slice(0, 12)
        .map(line => `    ${line}`)
        .join('\n'),
    )
}
const [steady, unsteady] = [differing.filter(isSteady).length, differing.filter(it => !isSteady(it)).length]
console.log(
  `\n${titles.length} tests: ${titles.length - differing.length} alike, ${steady} differ, ${unsteady} unsteady`,
)

function resultOf({ tests }: TestResults, title: string): 'passed' | 'failed' | 'not run' {
  if (!tests.has(title)) return 'not run'
  return tests.get(title) === undefined ? 'passed' : 'failed'
}

function summarise(where: string, { tests, ended }: TestResults): void {
  const failed = [...tests.values()].filter(error => error !== undefined).length
  console.log(`${where}: ${tests.size - failed} passed, ${failed} failed`)
  for (const reason of ended) console.log(`  ${reason}`)
}
