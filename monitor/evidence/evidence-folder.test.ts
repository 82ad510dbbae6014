import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test as base, expect } from '../../testing/test.ts'
import { writeOutcomes } from '../replay/report-outcomes.ts'
import type { Outcome } from '../verdict/finding.ts'
import { openEvidenceFolder } from './evidence-folder.ts'

const hour = 3_600_000

type WriteReport = (name: string, ageMs: number, bytes: number, outcome?: Outcome, more?: Outcomes) => Promise<void>
type Outcomes = Record<string, Outcome>

const test = base.extend<{ folder: string; report: WriteReport }>({
  folder: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'reprise-evidence-'))
    await use(folder)
    await rm(folder, { recursive: true })
  },
  report: async ({ folder }, use) => {
    await use(async (name, ageMs, bytes, outcome, more = {}) => {
      await mkdir(path.join(folder, name, 'data'), { recursive: true })
      await writeFile(path.join(folder, name, 'data/trace.zip'), 'x'.repeat(bytes))
      const outcomes = Object.entries({ ...(outcome && { users: outcome }), ...more })
      const checks = outcomes.map(([name, outcome]) => ({ name, outcome }))
      if (checks.length > 0) await writeOutcomes(path.join(folder, name), checks)
      const written = new Date(Date.now() - ageMs)
      await utimes(path.join(folder, name), written, written)
    })
  },
})

test('reports are removed when they are too old', async ({ folder, report }) => {
  await report('old', 3 * hour, 10)
  await report('new', hour, 10)
  await openEvidenceFolder(folder).removeOld({ evidenceMs: 2 * hour, evidenceBytes: 1e9 })
  expect(await readdir(folder)).toEqual(['new'])
})

test('the oldest reports are removed when all together are too large, also those measured before', async ({
  folder,
  report,
}) => {
  const evidence = openEvidenceFolder(folder)
  const limits = { evidenceMs: 100 * hour, evidenceBytes: 250 }
  await report('b', 2 * hour, 100)
  await report('a', 3 * hour, 100)
  await evidence.removeOld(limits)
  expect(await readdir(folder)).toEqual(['a', 'b'])
  await report('c', hour, 100)
  await evidence.removeOld(limits)
  expect(await readdir(folder)).toEqual(['b', 'c'])
})

test('a report that may still be written is kept, whatever the limits', async ({ folder, report }) => {
  await report('fresh', 1000, 100)
  await openEvidenceFolder(folder).removeOld({ evidenceMs: 1, evidenceBytes: 1 })
  expect(await readdir(folder)).toEqual(['fresh'])
})

test('without reports nothing is removed', async ({ folder }) => {
  await openEvidenceFolder(path.join(folder, 'none')).removeOld({ evidenceMs: 1, evidenceBytes: 1 })
})

test('reports of passed runs are removed before those of failures and those beside a failure', async ({
  folder,
  report,
}) => {
  const limits = { evidenceMs: 1000 * hour, evidenceBytes: 720 }
  const outcomes: [string, Outcome][] = [
    ['a', 'passed'],
    ['b', 'passed'],
    ['c', 'failed'],
    ['d', 'flaky'],
    ['e', 'passed'],
    ['f', 'slow'],
    ['g', 'passed'],
    ['h', 'passed'],
  ]
  for (const [index, [name, outcome]] of outcomes.entries()) await report(name, (20 - index) * hour, 100, outcome)
  const evidence = openEvidenceFolder(folder)
  await evidence.removeOld(limits)
  expect(await readdir(folder)).toEqual(['b', 'c', 'd', 'e', 'g', 'h'])
  await evidence.removeOld({ ...limits, evidenceBytes: 250 })
  expect(await readdir(folder)).toEqual(['c', 'd'])
})

test('after a day one report of passed runs an hour is kept', async ({ folder, report }) => {
  const old = (Math.floor(Date.now() / hour) - 30) * hour
  const age = (at: number) => Date.now() - at
  for (const minute of [1, 2, 3]) await report(`old-${minute}`, age(old + minute * 60_000), 10, 'passed')
  await report('red', age(old + 240_000), 10, 'failed')
  for (const minute of [10, 11]) await report(`later-${minute}`, age(old + minute * 60_000), 10, 'passed')
  await report('today-1', hour, 10, 'passed')
  await report('today-2', hour - 60_000, 10, 'passed')
  await openEvidenceFolder(folder).removeOld({ evidenceMs: 1000 * hour, evidenceBytes: 1e9 })
  expect(await readdir(folder)).toEqual(['later-10', 'old-1', 'old-3', 'red', 'today-1', 'today-2'])
})

test('a check that fails in every run does not displace the failures of others', async ({ folder, report }) => {
  const start = (Math.floor(Date.now() / hour) - 30) * hour
  const always = { broken: 'failed' } as const
  const outcomes: Outcome[] = ['passed', 'failed', 'passed', ...Array<Outcome>(6).fill('passed'), 'flaky', 'passed']
  for (const [index, outcome] of outcomes.entries()) {
    const name = `${String.fromCharCode(97 + index)}-${outcome}`
    await report(name, Date.now() - start - (index + 1) * 60_000, 100, outcome, always)
  }
  const evidence = openEvidenceFolder(folder)
  await evidence.removeOld({ evidenceMs: 1000 * hour, evidenceBytes: 1e9 })
  expect(await readdir(folder)).toHaveLength(outcomes.length)
  await evidence.removeOld({ evidenceMs: 1000 * hour, evidenceBytes: 850 })
  // Those of users and the first and the last one of the other check, and the reports beside.
  expect(await readdir(folder)).toEqual(['a-passed', 'b-failed', 'c-passed', 'i-passed', 'j-flaky', 'k-passed'])
})

test('a check without results does not keep the reports of all runs', async ({ folder, report }) => {
  // One check of the environment is never replayed, and one ends in the same error for a while.
  const outcomes: [string, Outcome, Outcomes][] = [
    ['a', 'failed', { blind: 'unknown' }],
    ['b', 'passed', { blind: 'unknown' }],
    ['c', 'passed', { blind: 'unknown' }],
    ['d', 'error', { blind: 'unknown' }],
    ['e', 'error', { blind: 'unknown' }],
    ['f', 'error', { blind: 'unknown' }],
    ['g', 'passed', { blind: 'unknown' }],
    ['h', 'passed', { blind: 'unknown' }],
    ['i', 'passed', { blind: 'unknown' }],
  ]
  for (const [index, [name, outcome, more]] of outcomes.entries()) {
    await report(name, (20 - index) * hour, 100, outcome, more)
  }
  const evidence = openEvidenceFolder(folder)
  await evidence.removeOld({ evidenceMs: 1000 * hour, evidenceBytes: 900 })
  expect(await readdir(folder)).toEqual(['a', 'b', 'c', 'd', 'g', 'i'])
  await evidence.removeOld({ evidenceMs: 1000 * hour, evidenceBytes: 300 })
  expect(await readdir(folder)).toEqual(['a', 'd'])
})
