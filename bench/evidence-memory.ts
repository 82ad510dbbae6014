/** Measures the memory of a worker over many tests that pass, with and without recording. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { evidenceSpec, statements } from './evidence.ts'
import { writeProject } from './playwright-run.ts'
import type { Row, Section } from './table.ts'

/** Of the tests of a run, after which the memory is read. */
const shares = [0.1, 0.5, 1]

/** Appends the heap after a collection, and the resident set, in bytes. */
const readMemory = (tests: number) => `
    if (![${shares.map(share => share * tests - 1).join(', ')}].includes(i)) return
    const { appendFileSync } = await import('node:fs')
    ;(await import('node:v8')).setFlagsFromString('--expose_gc')
    ;(await import('node:vm')).runInNewContext('gc')()
    const { heapUsed, rss } = process.memoryUsage()
    appendFileSync(process.env.BENCH_OUTPUT, heapUsed + ' ' + rss + '\\n')`

export async function measureEvidenceMemory(short: boolean): Promise<Section> {
  const count = short ? 30 : 10_000
  const plain = await memoryOver(count, 'off')
  const recorded = await memoryOver(count, 'retain-on-failure')
  const more = recorded.growth - plain.growth
  return {
    title: `Memory of a worker after ${shares.map(share => share * count).join(', ')} tests with ${statements} statements each`,
    rows: [
      ...rowsOf("evidence: 'off'", plain),
      ...rowsOf('recorded', recorded),
      {
        what: 'heap growth by recording',
        median: kilobytes(more),
        relation: `${kilobytes(recorded.growth)}, without it ${kilobytes(plain.growth)}`,
        target: 'at most +0.1 kB',
        missed: more > 100,
      },
    ],
  }
}

interface Memory {
  /** In bytes, at each of the shares. */
  heap: number[]
  resident: number[]
  /** Of the heap from the first to the last, in bytes per test. */
  growth: number
}

async function memoryOver(count: number, evidence: string): Promise<Memory> {
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-bench-'))
  const output = path.join(folder, 'memory.txt')
  const spec = evidenceSpec(count, evidence, readMemory(count))
  const project = await writeProject({ 'evidence.spec.ts': spec }, { fullyParallel: false })
  try {
    await project.run({ BENCH_OUTPUT: output })
    const lines = (await readFile(output, 'utf8')).trim().split('\n')
    const read = lines.map(line => line.split(' ').map(Number))
    const heap = read.map(([bytes = 0]) => bytes)
    const growth = ((heap.at(-1) ?? 0) - (heap[0] ?? 0)) / ((1 - (shares[0] ?? 0)) * count)
    return { heap, resident: read.map(([, bytes = 0]) => bytes), growth }
  } finally {
    await project.remove()
    await rm(folder, { recursive: true })
  }
}

function rowsOf(what: string, { heap, resident }: Memory): Row[] {
  const megabytes = (bytes: number[]) => `${bytes.map(each => (each / 1e6).toFixed(0)).join(', ')} MB`
  return [
    { what: `heap, ${what}`, median: megabytes(heap) },
    { what: `resident set, ${what}`, median: megabytes(resident) },
  ]
}

const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB per test`
