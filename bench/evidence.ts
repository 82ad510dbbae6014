/** Measures what recording costs tests that pass: the time of a run, and the memory of a worker over many tests. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sideBySide } from './median.ts'
import { writeProject } from './playwright-run.ts'
import { duration, ratio, type Section } from './table.ts'

const statements = 10

const spec = (tests: number, evidence: string) => `
  import { test } from '../../../e2e/test.ts'
  import { appendFileSync } from 'node:fs'
  import { setFlagsFromString } from 'node:v8'
  import { runInNewContext } from 'node:vm'
  test.use({ evidence: '${evidence}' })
  let run = 0
  for (let i = 0; i < ${tests}; i++) test('test ' + i, async ({ db }) => {
    for (let i = 0; i < ${statements}; i++) await db.query('select $1::int as number', [i])
    run++
    if (!process.env.BENCH_OUTPUT || (run !== ${tests} / 10 && run !== ${tests})) return
    setFlagsFromString('--expose_gc')
    runInNewContext('gc')()
    appendFileSync(process.env.BENCH_OUTPUT, process.memoryUsage().heapUsed + '\\n')
  })`

export async function measureEvidence(short: boolean): Promise<Section> {
  const [count, many] = short ? [50, 300] : [1000, 10_000]
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-bench-'))
  const output = path.join(folder, 'heap.txt')
  const project = (tests: number, evidence: string) =>
    writeProject({ 'evidence.spec.ts': spec(tests, evidence) }, 1, { fullyParallel: false })
  const off = await project(count, 'off')
  const on = await project(count, 'retain-on-failure')
  const long = await project(many, 'retain-on-failure')
  const longOff = await project(many, 'off')
  const growth = async ({ run }: typeof long) => {
    await rm(output, { force: true })
    await run({ BENCH_OUTPUT: output })
    const [early = 0, late = 0] = (await readFile(output, 'utf8')).trim().split('\n').map(Number)
    return (late - early) / (0.9 * many)
  }
  try {
    const times = await sideBySide({ off: () => off.run(), on: () => on.run() }, short ? 1 : 7)
    const [plain, recorded] = [await growth(longOff), await growth(long)]
    const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB per test`
    return {
      title: `${count} tests with ${statements} statements each, a whole run; memory over ${many} tests`,
      rows: [
        { what: "evidence: 'off'", median: duration(times.off) },
        { what: 'recorded', median: duration(times.on), ...ratio(times.on, times.off, 'off', { atMost: 1.05 }) },
        { what: "heap growth, evidence: 'off'", median: kilobytes(plain) },
        {
          what: 'heap growth, recorded',
          median: kilobytes(recorded),
          relation: `+${kilobytes(recorded - plain)}`,
          target: 'at most +0.1 kB',
          missed: recorded - plain > 100,
        },
      ],
    }
  } finally {
    await Promise.all([off, on, long, longOff].map(each => each.remove()))
    await rm(folder, { recursive: true })
  }
}
