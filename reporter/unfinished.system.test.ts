import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'

/** Nothing is left to wait for, as after a worker thread has ended without an answer. */
const script = (folder: string) => `
  import fs from 'node:fs/promises'
  import { syncBuiltinESMExports } from 'node:module'
  const { default: Reporter } = await import(${JSON.stringify(`${import.meta.dirname}/index.ts`)})
  fs.readFile = () => new Promise(() => undefined)
  syncBuiltinESMExports()
  const reporter = new Reporter({ archive: '.reprise/blob/1-a.zip' })
  reporter.onBegin({ rootDir: ${JSON.stringify(folder)}, projects: [], workers: 1 })
  void reporter.onEnd({ status: 'passed' })`

test('a run whose report is not finished fails', async ({}, info) => {
  await mkdir(info.outputPath(), { recursive: true })
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script(info.outputPath())]
  await expect(promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('The redacted report was not finished'),
  })
})
