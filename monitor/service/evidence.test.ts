import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test as base, expect } from '@playwright/test'
import { openEvidence } from './evidence.ts'

const hour = 3_600_000

const test = base.extend<{ folder: string; report: (name: string, ageMs: number, bytes: number) => Promise<void> }>({
  folder: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'reprise-evidence-'))
    await use(folder)
    await rm(folder, { recursive: true })
  },
  report: async ({ folder }, use) => {
    await use(async (name, ageMs, bytes) => {
      await mkdir(path.join(folder, name, 'data'), { recursive: true })
      await writeFile(path.join(folder, name, 'data/trace.zip'), 'x'.repeat(bytes))
      const written = new Date(Date.now() - ageMs)
      await utimes(path.join(folder, name), written, written)
    })
  },
})

test('reports go when they are too old', async ({ folder, report }) => {
  await report('old', 3 * hour, 10)
  await report('new', hour, 10)
  await openEvidence(folder).removeOld({ evidenceMs: 2 * hour, evidenceBytes: 1e9 })
  expect(await readdir(folder)).toEqual(['new'])
})

test('the oldest go when all are too large, also of those that were measured before', async ({ folder, report }) => {
  const evidence = openEvidence(folder)
  const limits = { evidenceMs: 100 * hour, evidenceBytes: 250 }
  await report('b', 2 * hour, 100)
  await report('a', 3 * hour, 100)
  await evidence.removeOld(limits)
  expect(await readdir(folder)).toEqual(['a', 'b'])
  await report('c', hour, 100)
  await evidence.removeOld(limits)
  expect(await readdir(folder)).toEqual(['b', 'c'])
})

test('a report that may still be written stays, whatever the limits', async ({ folder, report }) => {
  await report('fresh', 1000, 100)
  await openEvidence(folder).removeOld({ evidenceMs: 1, evidenceBytes: 1 })
  expect(await readdir(folder)).toEqual(['fresh'])
})

test('where nothing was written there is nothing to do', async ({ folder }) => {
  await openEvidence(path.join(folder, 'none')).removeOld({ evidenceMs: 1, evidenceBytes: 1 })
})
