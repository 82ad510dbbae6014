/** Imitates a clone of this repository, to which files can be added without changing the real one. */
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { glob } from 'tinyglobby'
import { removeServerFiles } from '../../postgres/persistent/server-files.ts'
import { builtModule, builtPackage } from '../../testing/built/built-modules.ts'
import { projectFolder, root } from '../../testing/project-folder.ts'

export interface Clone {
  readonly folder: string
  remove(): Promise<void>
}

/**
 * Writes the files, and links the folders that they import from. `reprise` and the `test` of the sample are the built ones, which
 * load in a fraction of the time; with `sources`, for their types, those of the repository.
 */
export async function makeClone(
  files: Readonly<Record<string, string>>,
  reprise: 'built' | 'sources' = 'built',
): Promise<Clone> {
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
    ...(reprise === 'sources' ? ['e2e/test.ts'] : []),
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
  const built = {
    'package.json': '{ "private": true, "type": "module" }',
    'e2e/test.ts': `export * from '${builtModule('e2e/test')}'`,
  }
  for (const [name, text] of Object.entries({ ...(reprise === 'built' && built), ...files })) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
    await writeFile(path.join(folder, name), text)
  }
  const remove = async () => {
    await removeServerFiles(path.join(folder, '.reprise/monitor'))
    await rm(folder, { recursive: true, force: true })
  }
  return { folder, remove }
}

/** The repository's own configurations, and its specs of the sample. */
export async function sampleFiles(): Promise<Record<string, string>> {
  const names = await glob(['{playwright,monitor}.config.ts', 'e2e/*/*'], { cwd: root })
  const files = names.map(async name => [name, asInstalled(await readFile(path.join(root, name), 'utf8'))] as const)
  return Object.fromEntries(await Promise.all(files))
}

/** With imports of the package in place of those of its sources. */
function asInstalled(text: string): string {
  return text
    .replace('./postgres/global-setup.ts', 'reprise/global-setup')
    .replace(/(\.\/plain-english\/playwright\/project|\.\.\/\.\.\/plain-english\/index)\.ts/, 'reprise/plain-english')
}
