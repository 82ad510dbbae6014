/**
 * `testing/built/main.ts [FOLDER]`: writes the modules of the package, and what tests and their projects load besides. Without a
 * folder into that of the run, once: while another process does so, this one waits for it.
 */
import { readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { oncePerRun } from '../once-per-run.ts'
import { root } from '../project-folder.ts'

const others = ['e2e/test.ts', 'plain-english/playwright/project.ts', 'testing/nested-monitor/replay-here.ts']

/** What tests start and kill. */
const programs = ['monitor/testing/working-instance/main.ts', 'postgres/testing/killed-run/main.ts']

const [, , given] = process.argv
if (given === undefined) await oncePerRun('node_modules/reprise', writeTo)
else await writeTo(path.resolve(given))

async function writeTo(folder: string): Promise<void> {
  // Here, so that a process that only waits does not load the bundler.
  const { writeModules } = await import('../../packaging/modules.ts')
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
  const exported: [name: string, file: string][] = Object.entries(manifest.exports)
  await writeModules([...exported.map(([, file]) => path.posix.normalize(file)), ...others], folder, programs)
  const exports = Object.fromEntries(exported.map(([name, file]) => [name, file.replace(/\.ts$/, '.js')]))
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ ...manifest, exports }))
  // For the libraries that are not in the bundles.
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
}
