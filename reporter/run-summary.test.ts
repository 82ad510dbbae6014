import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from '../testing/test.ts'
import { addToHistory, readHistory } from './run-history.ts'
import { summarize } from './run-summary.ts'
import { pastRun, recordedRun, recordedTest } from './testing/recorded-run.ts'

test('compares with the last run in which no test failed', () => {
  const past = [
    pastRun(1, { steady: ['passed', 90], slow: ['passed', 100], broken: ['passed', 10], shaky: ['passed', 10] }),
    pastRun(2, { steady: ['passed', 90], slow: ['passed', 900], broken: ['failed', 10], shaky: ['passed', 10] }),
  ]
  const run = recordedRun([
    recordedTest('steady'),
    recordedTest('slow', { durationMs: 900 }),
    recordedTest('broken', { outcome: 'failed' }),
    recordedTest('shaky', { outcome: 'flaky' }),
    recordedTest('young'),
    recordedTest('left out', { outcome: 'skipped' }),
  ])
  expect(summarize(run, past).sinceGreen).toEqual({
    greenAt: '2027-01-01T00:00:00.000Z',
    failing: ['broken'],
    flaky: ['shaky'],
    slower: [{ name: 'slow', beforeMs: 100, nowMs: 900 }],
    added: ['young'],
  })
})

test('a test is new only if no earlier run had it, whatever the last one ran', () => {
  const past = [pastRun(1, { a: ['passed', 10], b: ['passed', 10] }), pastRun(2, { a: ['passed', 10] })]
  expect(summarize(recordedRun([recordedTest('a'), recordedTest('b')]), past).sinceGreen).toMatchObject({
    greenAt: '2027-01-02T00:00:00.000Z',
    added: [],
  })
})

test('without a green run there is nothing to compare with', () => {
  const past = [pastRun(1, { a: ['failed', 10] }), pastRun(2, { other: ['passed', 10] })]
  expect(summarize(recordedRun([recordedTest('a')]), past).sinceGreen).toBeUndefined()
})

test('tests that sometimes pass are ranked over all runs; what always fails is not among them', () => {
  const past = [
    pastRun(1, { shaky: ['flaky', 10], torn: ['failed', 20], dead: ['failed', 1], fine: ['passed', 1] }),
    pastRun(2, { shaky: ['flaky', 30], torn: ['passed', 40], dead: ['failed', 1], fine: ['passed', 1] }),
  ]
  const run = recordedRun([
    recordedTest('fine'),
    recordedTest('dead', { outcome: 'failed' }),
    recordedTest('torn', { durationMs: 90 }),
    recordedTest('shaky', { durationMs: 20 }),
  ])
  expect(summarize(run, past).unsteady).toEqual([
    { name: 'shaky', runs: 3, flaky: 2, failed: 0, medianMs: 20, slowestMs: 30 },
    { name: 'torn', runs: 3, flaky: 0, failed: 1, medianMs: 40, slowestMs: 90 },
  ])
})

test('a test that is repeated in a run is one test, and failed if one of its repetitions has', async () => {
  const run = recordedRun([
    recordedTest('a', { outcome: 'failed', durationMs: 30 }),
    recordedTest('a', { durationMs: 10 }),
    recordedTest('a', { outcome: 'skipped', durationMs: 0 }),
  ])
  const { unsteady, sinceGreen } = summarize(run, [pastRun(1, { a: ['passed', 10] })])
  expect(sinceGreen).toMatchObject({ failing: ['a'], slower: [] })
  expect(unsteady).toEqual([{ name: 'a', runs: 3, flaky: 0, failed: 1, medianMs: 10, slowestMs: 30 }])
  const folder = await mkdtemp(path.join(tmpdir(), 'history-'))
  try {
    await addToHistory(folder, [], run)
    expect((await readHistory(folder))[0]?.tests).toEqual({ a: ['failed', 20] })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('the history keeps the last fifty runs, for its owner only, and outlives a line that is broken', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'history-'))
  try {
    for (let n = 0; n < 52; n++) {
      const run = { ...recordedRun([recordedTest('a', { durationMs: n })]), durationMs: n }
      await addToHistory(folder, await readHistory(folder), run)
    }
    const file = path.join(folder, '.reprise/history/runs.jsonl')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const runs = await readHistory(folder)
    expect(runs.map(({ durationMs }) => durationMs)).toEqual(Array.from({ length: 50 }, (_, n) => n + 2))
    expect(runs.at(-1)?.tests).toEqual({ a: ['passed', 51] })

    await writeFile(file, `{"startedAt":"2027\n${await readFile(file, 'utf8')}`)
    expect(await readHistory(folder)).toHaveLength(50)
  } finally {
    await rm(folder, { recursive: true })
  }
})
