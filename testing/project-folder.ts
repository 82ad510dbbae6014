/** Writes the small projects that tests and benchmarks run in processes of their own. */
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

export const root = path.join(import.meta.dirname, '..')

/** A folder that is not there yet, two levels below the root: projects in it import the sources by `../../../`. */
export const projectFolder = (kind: 'tmp' | 'bench' = 'tmp'): string =>
  path.join(root, '.reprise', kind, randomBytes(6).toString('hex'))

/** Writes files with the folders that they are in. `files`: texts by path in the folder. */
export async function writeFiles(folder: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}
