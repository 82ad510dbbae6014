import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { FullConfig, FullResult } from '@playwright/test/reporter'
import { totalsVariable } from '../environment/contract/test-totals.ts'
import { test as base, expect } from '../testing/test.ts'
import RedactedReporter, { redactedReport } from './index.ts'
import { htmlFolder, printedByReporters } from './reports.ts'
import { addToHistory, readHistory } from './run-history.ts'

const test = base.extend<{ folder: string }>({
  folder: async ({}, use) => {
    const totals = process.env[totalsVariable]
    const folder = await mkdtemp(path.join(tmpdir(), 'reprise-reporter-'))
    await use(folder)
    await rm(folder, { recursive: true })
    if (totals === undefined) delete process.env[totalsVariable]
    else process.env[totalsVariable] = totals
  },
})

test('a list of tests makes no report, and leaves nothing', async ({ folder }) => {
  const archive = path.join('.reprise', 'blob', '1-a.zip')
  const reporter = new RedactedReporter({ archive, _mode: 'list' })
  reporter.onBegin({ rootDir: folder, projects: [] } as unknown as FullConfig)
  await writeFile(path.join(folder, archive), '')
  expect(await reporter.onEnd({ status: 'passed' } as FullResult)).toBeUndefined()
  expect(existsSync(path.join(folder, archive))).toBe(false)
  expect(await readdir(path.join(folder, '.reprise'))).toEqual(['blob'])
})

test('the blobs of killed runs are removed', async ({ folder }) => {
  const blobs = path.join(folder, '.reprise', 'blob')
  await mkdir(blobs, { recursive: true })
  const mine = `${process.pid}-a.zip`
  for (const name of [mine, '999999999-b.zip', '999999999-b-redacted.zip']) await writeFile(path.join(blobs, name), '')
  const reporter = new RedactedReporter({ archive: path.join('.reprise', 'blob', '1-a.zip') })
  reporter.onBegin({ rootDir: folder, projects: [] } as unknown as FullConfig)
  expect(await readdir(blobs)).toEqual([mine])
})

test('a run without tests is not stored', async ({ folder }) => {
  await addToHistory(folder, [], { startedAt: '2026-01-02T03:04:05Z', durationMs: 1, tests: [], workers: [] })
  expect(await readHistory(folder)).toEqual([])
})

test('another place of the blob is refused', () => {
  process.env.PLAYWRIGHT_BLOB_OUTPUT_FILE = 'blob.zip'
  try {
    expect(() => redactedReport()).toThrow('PLAYWRIGHT_BLOB_OUTPUT_FILE would put the blob')
  } finally {
    delete process.env.PLAYWRIGHT_BLOB_OUTPUT_FILE
  }
})

test("the folder of the report is that of Playwright's variables, if there is one", () => {
  expect(htmlFolder('report', '/project', {})).toBe('/project/report')
  for (const name of ['PLAYWRIGHT_HTML_OUTPUT_DIR', 'PLAYWRIGHT_HTML_REPORT']) {
    expect(htmlFolder('report', '/project', { [name]: 'other' })).toBe(path.resolve('other'))
  }
})

test('what the other reports print is kept, without the progress of merge-reports', () => {
  const output =
    'merging reports from /a\nextracting: report.zip\nmerging events\nprocessing test events\n1 passed\nbuilding final report\nfinished building report\n'
  expect(printedByReporters(output)).toBe('1 passed\n')
})
