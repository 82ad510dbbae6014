/** Checks the statements of CONTRIBUTING.md about tests: the tiers, the commands and the folders. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { glob } from 'tinyglobby'
import { forEachRow } from '../testing/for-each-row.ts'
import { expect, test } from '../testing/test.ts'

const root = path.join(import.meta.dirname, '..')
const text = readFileSync(path.join(root, 'CONTRIBUTING.md'), 'utf8')

/** Modules that start a server or processes, which tests of a lower tier must not import. */
const server = /(server|database|sandbox|client|store|status-page|service)-fixture\.ts'/
const processes =
  /nested-run|nested-monitor|started-(sample|command)|readme\/shell|built\/built-modules|killed-run\/|deployed-run|english-fixture/

test('each test needs no more than its tier has', async () => {
  const files = await glob('**/*.test.ts', {
    cwd: root,
    ignore: ['node_modules/**', '.reprise/**', 'dist/**', 'test-results/**'],
  })
  await forEachRow(
    files.filter(file => !file.endsWith('.system.test.ts') && file !== 'docs/contributing.test.ts'),
    file => file,
    file => {
      const isPure = !file.endsWith('.db.test.ts')
      const imports = readFileSync(path.join(root, file), 'utf8').match(/from '[^']+'/g) ?? []
      const forbidden = imports.filter(
        name => (isPure && (server.test(name) || name === "from 'node:child_process'")) || processes.test(name),
      )
      assert.deepEqual(forbidden, [], 'Rename the file to *.db.test.ts or *.system.test.ts.')
    },
  )
})

test('the scripts exist, and each folder and each path of a command is there', async () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  const names = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name)
  expect(names.length).toBeGreaterThan(2)
  for (const name of names) expect.soft(scripts).toHaveProperty([String(name)])
  const folders = [...text.matchAll(/^\| `([\w-]+(?:\/[\w-]+)*)\/` +\|/gm)].map(([, folder = '']) => folder)
  expect(folders.length).toBeGreaterThan(8)
  for (const folder of folders) expect.soft(existsSync(path.join(root, folder)), folder).toBe(true)
  const files = await glob('**', { cwd: root, ignore: ['**/node_modules/**', '.reprise/**', 'dist/**'] })
  for (const [, filters = ''] of text.matchAll(/`npx playwright test ([a-z][^`]*)`/g)) {
    for (const filter of filters.split(' ')) {
      const isThere = files.some(file => file.startsWith(filter.replace(/\/$/, '')))
      expect.soft(isThere, `Nothing is at ${filter}`).toBe(true)
    }
  }
})
