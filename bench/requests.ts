/** Measures the overhead of the ledger and the write guard for a GET request. */
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { median } from './median.ts'
import { writeProject } from './playwright-run.ts'
import { duration, ratio, type Section } from './table.ts'

const spec = (name: string, imported: string, tests: number) => `
  import { appendFileSync } from 'node:fs'
  import { median } from '../../../bench/median.ts'
  import { expect, test } from '${imported}'
  const times = []
  for (let i = 1; i <= ${tests}; i++) test('${name} ' + i, async ({ request }) => {
    expect((await request.get('/')).status()).toBe(200)
    for (let i = 0; i < 100; i++) {
      const from = performance.now()
      await request.get('/')
      times.push(performance.now() - from)
    }
  })
  test.afterAll(() => appendFileSync(process.env.BENCH_OUTPUT, JSON.stringify({ ${name}: median(times) }) + '\\n'))`

export async function measureRequests(short: boolean): Promise<Section> {
  const service = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1')
  await once(service, 'listening')
  const url = `http://127.0.0.1:${Object(service.address()).port}`
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-bench-'))
  const output = path.join(folder, 'medians.jsonl')
  const env = { REPRISE_TARGET: url, BENCH_OUTPUT: output }
  const use = `test.use({ baseURL: '${url}', trace: 'off' })`
  // Few requests per test: Playwright keeps a step for each, and slows down with their number.
  const tests = short ? 1 : 20
  const plain = await writeProject({ 'plain.spec.ts': `${spec('plain', '@playwright/test', tests)}\n${use}` })
  const written = `test.use({ target: { writes: 'cleaned' }, trace: 'off' })`
  const specs = { 'deployed.spec.ts': `${spec('deployed', '../../../e2e/test.ts', tests)}\n${written}` }
  const deployed = await writeProject(specs)
  try {
    for (let round = 0; round < (short ? 1 : 9); round++) {
      await plain.run(env)
      await deployed.run(env)
    }
    const lines = (await readFile(output, 'utf8')).trim().split('\n')
    const medians = (name: string) => lines.map(line => JSON.parse(line)[name]).filter(Number.isFinite)
    const [bare, ours] = [median(medians('plain')), median(medians('deployed'))]
    return {
      title: 'A GET to a service that responds immediately',
      rows: [
        { what: "Playwright's request", median: duration(bare) },
        {
          what: 'against a deployed target, with ledger',
          median: duration(ours),
          ...ratio(ours, bare, "Playwright's", { atMost: 1.1 }),
        },
      ],
    }
  } finally {
    await plain.remove()
    await deployed.remove()
    await rm(folder, { recursive: true })
    service.close()
    service.closeAllConnections()
  }
}
