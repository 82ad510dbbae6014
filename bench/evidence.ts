/** Measures what recording costs tests that pass: the time of a run, and its processor time, which is less noisy. */
import { median, sideBySide } from './median.ts'
import { writeProject } from './playwright-run.ts'
import { duration, type Row, ratio, type Section } from './table.ts'

export const statements = 10

/** @param afterEach Code that runs at the end of each test. */
export const evidenceSpec = (tests: number, evidence: string, afterEach = '') => `
  import { test } from '../../../e2e/test.ts'
  test.use({ evidence: '${evidence}' })
  for (let i = 0; i < ${tests}; i++) test('test ' + i, async ({ db }) => {
    for (let i = 0; i < ${statements}; i++) await db.query('select $1::int as number', [i])
    ${afterEach}
  })`

export async function measureEvidence(short: boolean): Promise<Section> {
  const count = short ? 50 : 1000
  const project = (evidence: string) =>
    writeProject({ 'evidence.spec.ts': evidenceSpec(count, evidence) }, { fullyParallel: false })
  const off = await project('off')
  const on = await project('retain-on-failure')
  try {
    const rounds = short ? 1 : 5
    const times = await sideBySide({ off: () => off.run(), on: () => on.run() }, rounds)
    const processor: { off: number[]; on: number[] } = { off: [], on: [] }
    for (let round = 0; round < rounds; round++) {
      processor.off.push(await off.processorTime())
      processor.on.push(await on.processorTime())
    }
    return {
      title: `${count} tests with ${statements} statements each, a whole run`,
      rows: [...compared('', times.off, times.on), ...compared(', processor time', ...medians(processor))],
    }
  } finally {
    await Promise.all([off, on].map(each => each.remove()))
  }
}

const medians = ({ off, on }: { off: number[]; on: number[] }): [number, number] => [median(off), median(on)]

function compared(what: string, off: number, on: number): Row[] {
  return [
    { what: `evidence: 'off'${what}`, median: duration(off) },
    { what: `recorded${what}`, median: duration(on), ...ratio(on, off, 'off', { atMost: 1.05 }) },
  ]
}
