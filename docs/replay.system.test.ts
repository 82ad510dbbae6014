/** Executes the code blocks of replay.md, against a service. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from '@playwright/test'
import { test } from '../fixtures/testing/deployed-run.ts'
import { root } from '../testing/project-folder.ts'
import { blocksOf } from './readme/blocks.ts'
import { makeClone } from './readme/clone.ts'
import { startShell } from './readme/shell.ts'

const page = readFileSync(path.join(root, 'docs/replay.md'), 'utf8')

test('the spec passes with the configuration, and leaves nothing behind', async ({ service }) => {
  // Blocks without a file name are rules, which the ledger's own tests cover.
  const files = blocksOf(page).flatMap(({ text }): [string, string][] => {
    const name = /^\/\/ (\S+)\n/.exec(text)?.[1]
    return name === undefined ? [] : [[name, text]]
  })
  const clone = await makeClone(Object.fromEntries(files))
  try {
    const env = { REPRISE_TARGET: service.url, SMOKE_TOKEN: 'canary-4711' }
    const run = startShell('npx playwright test -c shop --output shop/test-results --reporter=list', {
      cwd: clone.folder,
      env,
    })
    expect(await run.result()).toMatchObject({ code: 0, output: expect.stringContaining('1 passed') })
  } finally {
    await clone.remove()
  }
  expect(service.created).toHaveLength(1)
  expect(service.rows.size).toBe(0)
  for (const { headers } of service.seen) expect(headers.authorization).toBe('Bearer canary-4711')
})
