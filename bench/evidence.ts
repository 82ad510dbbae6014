/**
 * Measures what recording costs tests that pass. Groups with and without it take turns in one worker: two runs side by side
 * differ by more than the cost, since the machine is never the same for both.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { median } from './median.ts'
import { writeProject } from './playwright-run.ts'
import { duration, type Row, ratio, type Section } from './table.ts'

export const statements = 10

/** Of a group; the first test of each is left out, which includes the end of another group. */
const testsOfGroup = 25

const modes = ['off', 'retain-on-failure'] as const

type Mode = (typeof modes)[number]

/** @param afterEach Code that runs at the end of each test. */
export const evidenceSpec = (tests: number, evidence: string, afterEach = '') => `
  import { test } from '../../../e2e/test.ts'
  ${groupOf(tests, evidence, afterEach)}`

const groupOf = (tests: number, evidence: string, more: string) => `
  test.describe(() => {
    test.use({ evidence: '${evidence}' })
    for (let i = 0; i < ${tests}; i++) test('test ' + i, async ({ db }) => {
      for (let i = 0; i < ${statements}; i++) await db.query('select $1::int as number', [i])
      ${more}
    })
  })`

/** Appends the mode of a test, its wall time and the worker's processor time since the test before it, in milliseconds. */
const spec = (groups: number) => `
  import { appendFileSync } from 'node:fs'
  import { test } from '../../../e2e/test.ts'
  let before
  const note = (mode, i) => {
    const now = { wall: performance.now(), processor: process.cpuUsage() }
    if (before && i > 0) {
      const { user, system } = process.cpuUsage(before.processor)
      notes.push([mode, now.wall - before.wall, (user + system) / 1000].join(' '))
    }
    before = now
  }
  const notes = []
  test.afterAll(() => appendFileSync(process.env.BENCH_OUTPUT, notes.splice(0).join('\\n') + '\\n'))
  for (let group = 0; group < ${groups}; group++) {
    ${modes.map(mode => groupOf(testsOfGroup, mode, `note('${mode}', i)`).replace('describe(', `describe('${mode} ' + group, `)).join('\n')}
  }`

export async function measureEvidence(short: boolean): Promise<Section> {
  const [groups, rounds] = short ? [2, 1] : [40, 5]
  const found: Record<'wall' | 'processor', Record<Mode, number>>[] = []
  for (let round = 0; round < rounds; round++) found.push(await measureRun(groups))
  const rows = (of: 'wall' | 'processor', what: string): Row[] => {
    const [off, on] = modes.map(mode => median(found.map(times => times[of][mode])))
    const ratios = found.map(times => times[of]['retain-on-failure'] / times[of].off)
    return [
      { what: `evidence: 'off', ${what} per test`, median: duration(off ?? 0) },
      {
        what: `recorded, ${what} per test`,
        median: duration(on ?? 0),
        ...ratio(median(ratios), 1, 'off', { atMost: 1.05 }),
      },
    ]
  }
  return {
    title: `${groups * testsOfGroup} tests of each kind with ${statements} statements each, in one worker`,
    rows: [...rows('wall', 'time'), ...rows('processor', 'processor time')],
  }
}

/** Runs the suite once. Returns the mean of a test of each mode in milliseconds, without the slowest and fastest tenth. */
async function measureRun(groups: number) {
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-bench-'))
  const output = path.join(folder, 'times.txt')
  const project = await writeProject({ 'evidence.spec.ts': spec(groups) }, { fullyParallel: false })
  try {
    await project.run({ BENCH_OUTPUT: output })
    const lines = (await readFile(output, 'utf8')).trim().split('\n')
    const times = lines.map(line => line.split(' '))
    const of = (mode: Mode, column: number) => {
      const values = times.filter(([name]) => name === mode).map(fields => Number(fields[column]))
      return trimmedMean(values)
    }
    const both = (column: number) => ({ off: of('off', column), 'retain-on-failure': of('retain-on-failure', column) })
    return { wall: both(1), processor: both(2) }
  } finally {
    await project.remove()
    await rm(folder, { recursive: true, force: true })
  }
}

function trimmedMean(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const cut = Math.floor(sorted.length / 10)
  const kept = sorted.slice(cut, sorted.length - cut)
  return kept.reduce((sum, value) => sum + value, 0) / kept.length
}
