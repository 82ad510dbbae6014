/**
 * Runs a folder of SQL files with psql, each on a bare server and in a sandbox, and prints a verdict for each:
 * `npx tsx testing/sql-files/main.ts FOLDER --server URL`. README.md has the options.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { missing } from '../installed-programs.ts'
import { type Comparison, compare } from './comparison.ts'
import { namedDifferences } from './named-differences.ts'
import { lineOf, reportOf, tableOf } from './report.ts'
import { readSchedule } from './schedule.ts'
import { readSqlFile, runBare, runInSandbox, type SqlSuite, withTemplate } from './sql-run.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    server: { type: 'string' },
    schedule: { type: 'string' },
    setup: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true, default: [] },
    env: { type: 'string', multiple: true, default: [] },
    limit: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '10' },
    out: { type: 'string' },
  },
})
const [folder] = positionals
if (folder === undefined || values.server === undefined) {
  throw new Error('Name a folder of .sql files, and a server by --server postgres://superuser@host/postgres.')
}
const why = missing('psql')
if (why !== undefined) throw new Error(`${why} Install it (apt-get install postgresql-client).`)
const suite: SqlSuite = {
  server: values.server,
  folder,
  env: Object.fromEntries(values.env.map(pair => pair.split(/=(.*)/s, 2) as [string, string])),
  limit: 1000 * wholeNumber('limit', values.limit),
  database: 'regression',
}
const rounds = wholeNumber('rounds', values.rounds)
const schedule = values.schedule === undefined ? undefined : readSchedule(await readFile(values.schedule, 'utf8'))
const present = (await readdir(folder)).filter(it => it.endsWith('.sql')).map(it => it.slice(0, -'.sql'.length))
const names = (schedule?.names ?? present.sort()).filter(it => values.only.length === 0 || values.only.includes(it))
for (const name of [...names, ...values.setup, ...values.only]) {
  if (!existsSync(path.join(folder, `${name}.sql`))) {
    throw new Error(`There is no ${name}.sql in ${folder}: correct --only, --setup or --schedule.`)
  }
}
if (names.length === 0) throw new Error(`There is no .sql file to run in ${folder}: correct --only or --schedule.`)
if (values.out !== undefined) await mkdir(values.out, { recursive: true })

/** Files with the same set-up, which share a template. */
const groups = new Map<string, string[]>()
for (const name of names) {
  const setup = setupOf(name).join(' ')
  groups.set(setup, [...(groups.get(setup) ?? []), name])
}
const comparisons = new Map<string, Comparison | Error>()
for (const [setup, members] of groups) {
  await withTemplate(suite, setup.split(' ').filter(Boolean), async template => {
    for (const name of members) {
      const begun = performance.now()
      const comparison = await compareFile(name, template)
      comparisons.set(name, comparison)
      const seconds = ((performance.now() - begun) / 1000).toFixed(1)
      console.log(`${lineOf(name, comparison)} ${seconds.padStart(6)} s`)
      const report = reportOf(comparison)
      if (report === '') continue
      if (values.out === undefined) console.log(report)
      else await writeFile(path.join(values.out, `${name}.diff`), report, 'latin1')
    }
  })
}
const table = tableOf(comparisons)
console.log(`\n${table}`)
if (values.out !== undefined) await writeFile(path.join(values.out, 'table.txt'), `${table}\n`)

function setupOf(name: string): string[] {
  const before = [...values.setup, ...(schedule?.needs.get(name) ?? [])]
  const own = before.indexOf(name)
  return own === -1 ? before : before.slice(0, own)
}

/** What keeps a file from being compared is reported in the place of its verdict. */
async function compareFile(name: string, template: string): Promise<Comparison | Error> {
  try {
    return await compare({
      text: await readSqlFile(suite, name),
      bare: script => runBare(suite, template, script),
      sandbox: script => runInSandbox(suite, template, script),
      named: namedDifferences,
      rounds,
    })
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function wholeNumber(option: string, value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new Error(`--${option} is ${JSON.stringify(value)}; write a number from 1.`)
  return Number(value)
}
