/** `testing/built/main.ts FOLDER`: writes the modules of the package, and what tests and their projects load besides. */
import { readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { writeModules } from '../../packaging/modules.ts'
import { root } from '../project-folder.ts'

const others = ['e2e/test.ts', 'plain-english/playwright/project.ts', 'testing/nested-monitor/replay-here.ts']

/** What tests start and kill. */
const programs = ['monitor/testing/working-instance/main.ts', 'postgres/testing/killed-run/main.ts']

const [, , given] = process.argv
if (given === undefined) throw new Error('Name a folder for the modules: testing/built/main.ts FOLDER.')
const folder = path.resolve(given)
const manifest = await readFile(path.join(root, 'package.json'), 'utf8')
const exported: Record<string, string> = JSON.parse(manifest).exports
await writeModules([...Object.values(exported).map(file => path.posix.normalize(file)), ...others], folder, programs)
await writeFile(path.join(folder, 'package.json'), manifest)
// For the libraries that are not in the bundles.
await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
