/** Measures what recording costs tests that pass: the time of a run. */
import { sideBySide } from './median.ts'
import { writeProject } from './playwright-run.ts'
import { duration, ratio, type Section } from './table.ts'

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
    writeProject({ 'evidence.spec.ts': evidenceSpec(count, evidence) }, 1, { fullyParallel: false })
  const off = await project('off')
  const on = await project('retain-on-failure')
  try {
    const times = await sideBySide({ off: () => off.run(), on: () => on.run() }, short ? 1 : 5)
    return {
      title: `${count} tests with ${statements} statements each, a whole run`,
      rows: [
        { what: "evidence: 'off'", median: duration(times.off) },
        { what: 'recorded', median: duration(times.on), ...ratio(times.on, times.off, 'off', { atMost: 1.05 }) },
      ],
    }
  } finally {
    await Promise.all([off, on].map(each => each.remove()))
  }
}
