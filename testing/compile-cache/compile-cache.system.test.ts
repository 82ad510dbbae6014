import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { withCompileCache } from '../child-environment.ts'
import { writeFiles } from '../project-folder.ts'

test('the same bundle in two projects has the name of its own file in stacks', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-bundles-'))
  try {
    const bundle = 'module.exports = () => new Error().stack'
    for (const project of ['one', 'other']) {
      const file = path.join(folder, project, 'node_modules/playwright/lib/matchers/expect.js')
      await writeFiles(folder, { [path.relative(folder, file)]: bundle })
      const script = `console.log(require(${JSON.stringify(file)})())`
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
        env: { ...process.env, NODE_OPTIONS: withCompileCache },
      })
      expect(stdout).toContain(`${file}:1:`)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
