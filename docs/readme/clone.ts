/** Imitates a clone of this repository, to which files can be added without changing the real one. */
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { removeServerFiles } from '../../postgres/persistent/server-files.ts'
import { builtPackage } from '../../testing/built/built-modules.ts'
import { projectFolder, root } from '../../testing/project-folder.ts'

export interface Clone {
  readonly folder: string
  remove(): Promise<void>
}

/** Writes the files, and links the folders that they import from. */
export async function makeClone(files: Readonly<Record<string, string>>): Promise<Clone> {
  const folder = projectFolder()
  await mkdir(path.join(folder, 'e2e'), { recursive: true })
  const linked = [
    'app',
    'fixtures',
    'postgres',
    'processes',
    'pages',
    'sandbox',
    'environment',
    'plain-english',
    'monitor',
    'e2e/test.ts',
  ]
  // Written through a link, a file would be in the repository itself.
  const inLink = [...Object.keys(files)].find(file => linked.some(name => file === name || file.startsWith(`${name}/`)))
  if (inLink !== undefined) throw new Error(`${inLink} is in a folder of the repository, which the clone shares.`)
  for (const name of linked) {
    await symlink(path.join(root, name), path.join(folder, name))
  }
  // As in a project that has installed the package: it is found where the files have a package.json.
  await mkdir(path.join(folder, 'node_modules'))
  await symlink(builtPackage(), path.join(folder, 'node_modules/reprise'))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
    await writeFile(path.join(folder, name), text)
  }
  const remove = async () => {
    await removeServerFiles(path.join(folder, '.reprise/monitor'))
    await rm(folder, { recursive: true, force: true })
  }
  return { folder, remove }
}
