/** Runs our own SQL files with psql: a sandbox answers each statement as a server does, or as the documentation says. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from '@playwright/test'
import { test } from '../../postgres/testing/server-fixture.ts'
import { missing } from '../installed-programs.ts'
import { compare } from './comparison.ts'
import { namedDifferences } from './named-differences.ts'
import { reportOf } from './report.ts'
import { readSqlFile, runBare, runInSandbox, type SqlSuite } from './sql-run.ts'

const why = missing('psql')
test.skip(why !== undefined, why)

const folder = path.join(import.meta.dirname, 'short')

for (const file of readdirSync(folder)) {
  test(file, async ({ server, emptyDatabase: { name: template } }) => {
    const suite: SqlSuite = { server: server.url, folder, env: {}, limit: 30_000, database: `${template}_copy` }
    const comparison = await compare({
      text: await readSqlFile(suite, path.basename(file, '.sql')),
      bare: script => runBare(suite, template, script),
      sandbox: script => runInSandbox(suite, template, script),
      named: namedDifferences,
      rounds: 5,
    })
    expect(comparison.verdict, reportOf(comparison)).not.toBe('other')
    // Each file shows something.
    expect(comparison.statements - comparison.unsteady).toBeGreaterThan(20)
  })
}
