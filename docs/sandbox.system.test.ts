/** Executes the code blocks of sandbox.md in order, in one sandbox. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from '@playwright/test'
import pg from 'pg'
import { withClient } from '../postgres/connection.ts'
import { test } from '../postgres/testing/server-fixture.ts'
import { findPython, findRuby, missing, pythonMissing } from '../testing/installed-programs.ts'
import { root } from '../testing/project-folder.ts'
import { blocksOf } from './readme/blocks.ts'
import { makeClone } from './readme/clone.ts'
import { startShell } from './readme/shell.ts'

const all = blocksOf(readFileSync(path.join(root, 'docs/sandbox.md'), 'utf8'))
const tracing = all.findIndex(({ text }) => text.startsWith('REPRISE_TRACE='))
const [start, ...blocks] = all.slice(0, tracing)
const [traced, trace] = all.slice(tracing)

/** The command for a file of each language; Debian's Python and Ruby have the drivers. */
const programs: Readonly<Record<string, string>> = {
  sh: 'sh -e example.sh',
  js: 'node example.mjs',
  python: 'PATH="/usr/bin:$PATH" python3 example.python',
  ruby: 'PATH="/usr/bin:$PATH" ruby example.ruby',
}

const expected: Readonly<Record<string, string>> = {
  sh: 'BEGIN\nINSERT 0 1\nCOMMIT\ntea\n',
  js: "23505\n[ { product: 'tea' }, { product: 'coffee' } ]\n",
  python: "23505\n[('tea',), ('coffee',), ('cocoa',)]\n",
  ruby: 'tea\ncoffee\ncocoa\nmate\n',
}

test('clients in four languages share one transaction, which is rolled back', async ({ emptyDatabase: { url } }) => {
  test.skip(missing('psql') !== undefined, missing('psql'))
  test.skip(!findPython(), pythonMissing)
  test.skip(!findRuby(), 'There is no Ruby with the library pg.')
  await withClient(url, client => client.query('create table orders (product text primary key)'))
  const sandbox = startShell(start?.text ?? '', { cwd: root, env: { DATABASE_URL: url } })
  try {
    const env = { SANDBOX_URL: await sandbox.says(/postgres:\S+/) }
    expect(blocks.map(({ language }) => language)).toEqual(Object.keys(programs))
    for (const { language, text } of blocks) {
      const clone = await makeClone({ [`example.${language === 'js' ? 'mjs' : language}`]: text })
      const { output } = await startShell(programs[language] ?? '', { cwd: clone.folder, env }).result()
      await clone.remove()
      expect(output, language).toBe(expected[language])
    }
    sandbox.interrupt()
    await sandbox.result()
  } finally {
    await sandbox.kill()
  }
  const { rowCount } = await withClient(url, client => client.query('select from orders'))
  expect(rowCount).toBe(0)
})

test('a trace shows the messages of a client and of the server', async ({ emptyDatabase: { url } }) => {
  const sandbox = startShell(traced?.text ?? '', { cwd: root, env: { DATABASE_URL: url } })
  try {
    const sandboxUrl = await sandbox.says(/^postgres:\S+/m)
    const client = new pg.Client(sandboxUrl)
    await client.connect()
    await client.query('select 1 as one')
    await client.end()
    await sandbox.says(/ Terminate/)
    sandbox.interrupt()
    const { output } = await sandbox.result()
    expect(output.replace(/server \d+/g, 'server 4711')).toContain(`${trace?.text}\n`)
  } finally {
    await sandbox.kill()
  }
})
