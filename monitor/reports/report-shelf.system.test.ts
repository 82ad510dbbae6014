/** Tests how many reports are made and kept, with a stand-in for Playwright. */
import { createReadStream } from 'node:fs'
import { mkdir, readdir, readFile, rm, utimes } from 'node:fs/promises'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { test as base, expect } from '@playwright/test'
import { projectFolder, writeFiles } from '../../testing/project-folder.ts'
import type { FoundEvidence } from '../evidence/evidence.ts'
import { packArchives } from '../replay/run-archive.ts'
import { openReportShelf } from './report-shelf.ts'

interface Project {
  folder: string
  /** The archive of a run. */
  found: FoundEvidence
}

/** A project whose Playwright writes a page, or hangs where the archive's name says so. */
const cli = `
const { mkdirSync, readdirSync, writeFileSync } = require('node:fs')
const folder = process.env.PLAYWRIGHT_HTML_OUTPUT_DIR
const names = readdirSync(process.argv.at(-1))
if (names.includes('hangs.zip')) setInterval(() => undefined, 1000)
else if (names.includes('fails.zip')) throw new Error('no such report')
else writeFileSync(folder + '/index.html', JSON.stringify(Object.keys(process.env)))
`

const test = base.extend<{ project: (archive?: string) => Promise<Project> }>({
  project: async ({}, use) => {
    const folder = projectFolder()
    await writeFiles(path.join(folder, 'node_modules/@playwright/test'), {
      'package.json': JSON.stringify({ name: '@playwright/test', version: '1.65.0' }),
      'cli.js': cli,
    })
    await use(async (archive = 'run-1') => {
      await writeFiles(path.join(folder, archive), { [`${archive}.zip`]: 'an archive' })
      const file = path.join(folder, `${archive}.evidence`)
      await packArchives(path.join(folder, archive), file)
      return { folder, found: { kind: 'archive', file, bytes: 1 } }
    })
    await rm(folder, { recursive: true, force: true })
  },
})

test('those who open a report together share its making, and it is then on disk', async ({ project }) => {
  const { folder, found } = await project()
  let asked = 0
  const find = async () => {
    asked++
    return found
  }
  const evidence = { find }
  const shelf = openReportShelf({ evidence, folder })
  const reports = await Promise.all([1, 2, 3].map(() => shelf.open('run')))
  expect(reports.map(({ kind }) => kind)).toEqual(['ready', 'ready', 'ready'])
  // Another instance beside it.
  expect(await openReportShelf({ evidence, folder }).open('run')).toMatchObject({ kind: 'ready' })
  expect(asked).toBe(1)
  expect(await readdir(path.join(folder, '.reprise/reports'))).toEqual(['run'])
})

test('a report whose archive is moved to a store meanwhile is made of what is there', async ({ project }) => {
  const { folder, found } = await project()
  const file = found.kind === 'archive' ? found.file : ''
  const places: FoundEvidence[] = [
    { kind: 'archive', file: path.join(folder, 'moved.zip'), bytes: 1 },
    { kind: 'stored', bytes: 1, read: async () => createReadStream(file) },
  ]
  const shelf = openReportShelf({ evidence: { find: async () => places.shift() ?? found }, folder })
  expect(await shelf.open('run')).toMatchObject({ kind: 'ready' })
  const gone: FoundEvidence = { kind: 'archive', file: path.join(folder, 'gone.zip'), bytes: 1 }
  const other = openReportShelf({ evidence: { find: async () => gone }, folder })
  expect(await other.open('other')).toMatchObject({ kind: 'failed', reason: expect.stringContaining('ENOENT') })
})

test('only some are made at a time, some wait, and others are asked to come back', async ({ project }) => {
  const { folder } = await project()
  const contents: PassThrough[] = []
  const read = async () => contents[contents.push(new PassThrough()) - 1] ?? new PassThrough()
  const evidence = { find: async (): Promise<FoundEvidence> => ({ kind: 'stored', bytes: 1, read }) }
  const shelf = openReportShelf({ evidence, folder, limits: { making: 1, waiting: 1 } })
  const [first, second] = [shelf.open('first'), shelf.open('second')]
  await expect.poll(() => contents.length).toBe(1)
  expect(await shelf.open('third')).toEqual({ kind: 'busy' })
  // A store that fails gives its place to the next.
  contents[0]?.destroy(new Error('the store is away'))
  expect(await first).toEqual({ kind: 'failed', reason: 'the store is away' })
  await expect.poll(() => contents.length).toBe(2)
  contents[1]?.end('no archive')
  expect(await second).toMatchObject({ kind: 'failed' })
  expect(await readdir(path.join(folder, '.reprise/reports'))).toEqual([])
})

test('one that takes too long is given up, and the reason of one that fails is kept', async ({ project }) => {
  const hanging = await project('hangs')
  const late = openReportShelf({
    evidence: { find: async () => hanging.found },
    folder: hanging.folder,
    limits: { makingMs: 300 },
  })
  expect(await late.open('late')).toEqual({ kind: 'failed', reason: 'The report was not complete after 0.3 seconds.' })
  const failing = await project('fails')
  const failed = openReportShelf({ evidence: { find: async () => failing.found }, folder: failing.folder })
  expect(await failed.open('failed')).toMatchObject({
    kind: 'failed',
    reason: expect.stringContaining('no such report'),
  })
  expect(await readdir(path.join(hanging.folder, '.reprise/reports'))).toEqual([])
})

test('the last used are kept, for a while', async ({ project }) => {
  const { folder, found } = await project()
  let removed = false
  const evidence = { find: async (): Promise<FoundEvidence> => (removed ? { kind: 'removed', at: undefined } : found) }
  const shelf = openReportShelf({ evidence, folder, limits: { kept: 2 } })
  const place = path.join(folder, '.reprise/reports')
  const age = async (name: string, ms: number) => {
    const time = new Date(Date.now() - ms)
    await utimes(path.join(place, name), time, time)
  }
  const hour = 3_600_000
  for (const [run, hours] of [
    ['a', 3],
    ['b', 2],
  ] as const) {
    await shelf.open(run)
    await age(run, hours * hour)
  }
  await shelf.open('c')
  expect((await readdir(place)).sort()).toEqual(['b', 'c'])
  await age('b', 13 * hour)
  await mkdir(path.join(place, 'killed.part'))
  await age('killed.part', hour)
  await shelf.tidy()
  expect(await readdir(place)).toEqual(['c'])
  // However often it is used: its evidence may be gone.
  await age('c/index.html', 25 * hour)
  removed = true
  expect(await shelf.open('c')).toEqual({ kind: 'removed', at: undefined })
  expect(await readdir(place)).toEqual([])
})

test('neither a secret nor the database of the monitor is in the environment of what makes a report', async ({
  project,
}) => {
  const { folder, found } = await project()
  process.env.REPRISE_TEST_SECRET = 'canary'
  try {
    const report = await openReportShelf({ evidence: { find: async () => found }, folder }).open('run')
    expect(report).toMatchObject({ kind: 'ready' })
    const page = await readFile(path.join(folder, '.reprise/reports/run/index.html'), 'utf8')
    expect(JSON.parse(page)).toContain('PATH')
    expect(JSON.parse(page)).not.toContain('REPRISE_TEST_SECRET')
  } finally {
    delete process.env.REPRISE_TEST_SECRET
  }
})
