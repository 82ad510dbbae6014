/**
 * Runs a folder of SQL files with psql, each on a bare server and through a sandbox, and prints where the outputs differ:
 * `npx tsx testing/sql-files/main.ts FOLDER --server URL [--setup FILE]... [--only NAME]... [--env NAME=VALUE]... [--out FOLDER]`.
 * FOLDER holds `*.sql`, as PostgreSQL's own suite does (src/test/regress/sql). Each file gets a copy of one template, in which
 * the setup files have run. What differs between two runs on the bare server counts for nothing.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { differences } from './differences.ts'
import { runBare, runInSandbox, type SqlRun, withTemplate } from './sql-run.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    server: { type: 'string' },
    setup: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true, default: [] },
    env: { type: 'string', multiple: true, default: [] },
    out: { type: 'string' },
  },
})
const [folder] = positionals
if (folder === undefined || values.server === undefined) {
  throw new Error('Name a folder of .sql files, and a server by --server postgres://superuser@host/postgres.')
}
const env = Object.fromEntries(values.env.map(pair => pair.split(/=(.*)/s, 2) as [string, string]))
const names = (await readdir(folder)).filter(name => name.endsWith('.sql')).map(name => name.slice(0, -'.sql'.length))
const chosen = names.filter(name => values.only.length === 0 || values.only.includes(name)).sort()

const verdicts: Record<string, 'identical' | 'differs'> = {}
await withTemplate({ server: values.server, folder, env }, values.setup, async template => {
  for (const name of chosen) {
    const run: SqlRun = { ...template, name }
    const [bare, again] = [await runBare(run), await runBare(run)]
    const hunks = differences(bare, again, await runInSandbox(run))
    verdicts[name] = hunks.length === 0 ? 'identical' : 'differs'
    console.log(`${name}: ${hunks.length === 0 ? 'identical' : `${hunks.length} differences`}`)
    if (hunks.length === 0) continue
    if (values.out === undefined) console.log(hunks.join('\n'))
    else {
      await mkdir(values.out, { recursive: true })
      await writeFile(path.join(values.out, `${name}.diff`), `${hunks.join('\n')}\n`)
    }
  }
})
const identical = Object.values(verdicts).filter(verdict => verdict === 'identical').length
console.log(`${chosen.length} files: ${identical} identical, ${chosen.length - identical} differ`)
