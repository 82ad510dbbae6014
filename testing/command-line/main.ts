/** `testing/command-line/main.ts FOLDER`: bundles the command line into a folder. */
import { symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { writeBundleForTests } from '../../packaging/bundle.ts'
import { root } from '../project-folder.ts'

const folder = path.resolve(process.argv[2] ?? '')
await writeBundleForTests('cli/main.ts', folder)
await writeFile(path.join(folder, 'package.json'), '{"type":"module"}')
// For the libraries that are not in the bundle.
await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
