/** Writes a folder with a `monitor.config.ts` and its specs: many checks, each with one spec that sends one request. */
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { projectFolder, root } from '../testing/project-folder.ts'

export interface ChecksProject {
  baseURL: string
  checks: number
  /** The number of specs per file. */
  perFile: number
  cron: string
  /** The folder of the built package to install; by default the project imports the sources. */
  built?: string
  /** Arguments of `request.get` as source text; `title` is the title of the spec, such as `spec-1`. */
  request: string
  /** The headers of the environment, as source text. */
  headers?: string
  defaults?: Record<string, unknown>
  /** The URL of a webhook that receives alerts. */
  channel?: string
}

/** A new folder for a benchmark, inside the repository so that specs can import its modules. */
export const benchFolder = () => projectFolder('bench')

/** Replaces the folder. */
export async function writeChecksProject(folder: string, project: ChecksProject): Promise<void> {
  const { baseURL, checks, perFile, cron, request, built, headers = '{}', channel } = project
  const defaults = { ...project.defaults, ...(channel && { channels: ['desk'] }) }
  const titles = Array.from({ length: checks }, (_, index) => `spec-${index + 1}`)
  const files = Array.from({ length: Math.ceil(checks / perFile) }, (_, area) => ({
    name: `area-${area + 1}.spec.ts`,
    titles: titles.slice(area * perFile, (area + 1) * perFile),
  }))
  const named = files.flatMap(({ name, titles }) =>
    titles.map(title => [title, { specs: name, title: `${title} `, cron }] as const),
  )
  const texts = {
    // Without it, the name of the package would resolve to the sources of this repository.
    ...(built && { 'package.json': '{ "name": "bench" }' }),
    'playwright.config.ts': `export default { testDir: '.', workers: 1, reporter: 'line', use: { baseURL: '${baseURL}' } }`,
    'monitor.config.ts': `
      import { defineMonitor, secret, webhook } from 'reprise/monitor'
      const headers = ${headers}
      export default defineMonitor({
        environments: { production: { baseURL: '${baseURL}', writes: 'cleaned', headers } },
        defaults: ${JSON.stringify(defaults)},
        ${channel ? `channels: { desk: webhook({ url: '${channel}' }) },` : ''}
        checks: ${JSON.stringify(Object.fromEntries(named))},
      })`,
    ...Object.fromEntries(
      files.map(({ name, titles }) => [
        name,
        `import { expect, test } from '${built ? 'reprise' : `${root}/fixtures/index.ts`}'
        for (const title of ${JSON.stringify(titles)}) {
          test(title + ' answers', async ({ request }) => { expect((await request.get(${request})).status()).toBe(200) })
        }`,
      ]),
    ),
  }
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  if (built) await cp(built, path.join(folder, 'node_modules/reprise'), { recursive: true })
  for (const [name, text] of Object.entries(texts)) await writeFile(path.join(folder, name), text)
}
