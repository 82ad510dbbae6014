/** Measures the processor time of a run in which all checks fail, with and without retries. */
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { benchFolder, writeChecksProject } from './checks-project.ts'
import { median } from './median.ts'
import { processorTime } from './processor-time.ts'
import { duration, type Row, type Section } from './table.ts'

const root = path.join(import.meta.dirname, '..')
const layouts = [
  { words: 'ten checks per file', perFile: 10 },
  { words: 'one check per file', perFile: 1 },
]

export async function measureFailures(short: boolean): Promise<Section> {
  const service = createServer((_request, response) => response.writeHead(500).end('{}')).listen(0, '127.0.0.1')
  await once(service, 'listening')
  const built = benchFolder()
  const folder = benchFolder()
  const env = { ...process.env, PLAYWRIGHT_HTML_OPEN: 'never' }
  const node = (args: readonly string[], cwd: string, codes?: readonly number[]) =>
    processorTime([process.execPath, ...args], { cwd, env, ...(codes && { codes }) })
  // The first run fills the compile cache, for which the short form does not wait.
  const [checks, first, rounds] = short ? [2, 0, 1] : [100, 1, 5]
  try {
    await node(['--import', 'tsx', 'packaging/main.ts', built], root)
    const timesOf = async (perFile: number, retries: number) => {
      const baseURL = `http://127.0.0.1:${Object(service.address()).port}`
      await writeChecksProject(folder, {
        checks,
        perFile,
        built,
        baseURL,
        cron: '* * * * *',
        request: "'/'",
        defaults: { retries },
      })
      const times: number[] = []
      for (let round = 0; round < first + rounds; round++)
        times.push((await node(['node_modules/reprise/cli/main.js', 'monitor', 'run'], folder, [1])) / checks)
      return times.slice(first)
    }
    const row = async (what: string, perFile: number, retries: number) => {
      const time = median(await timesOf(perFile, retries))
      return { what, median: duration(time), target: 'at most 150 ms', missed: time > 150 }
    }
    const rows: Row[] = []
    for (const { words, perFile } of short ? layouts.slice(1) : layouts) {
      rows.push(await row(`processor time per check, ${words}`, perFile, 0))
      rows.push(await row('  with a retry', perFile, 1))
    }
    return {
      title: `A run of ${checks} checks that all fail, one spec with one request each, from the command line`,
      rows,
    }
  } finally {
    for (const place of [built, folder]) await rm(place, { recursive: true, force: true })
    service.close()
    service.closeAllConnections()
  }
}
