/** Writes a storage state, which holds credentials, to a file of the project that only its owner can read. */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isStorageState, type StorageState } from './sign-in-state.ts'

/** Throws an error for a path outside of the projects, and for an existing file that holds something else. */
export async function saveStorageState(
  state: StorageState,
  name: string,
  { folder, projects }: { folder: string; projects: readonly string[] },
): Promise<void> {
  const file = path.resolve(folder, name)
  const real = path.join(await realFolder(path.dirname(file)), path.basename(file))
  const within = await Promise.all(projects.map(async project => isWithin(await realFolder(project), real)))
  if (!within.includes(true)) {
    throw new Error(
      `The file ${JSON.stringify(name)} is outside of the project, ${projects.join(' and ')}: write a path within it.`,
    )
  }
  const existing = await readFile(file).catch(ignoreAbsence)
  if (existing && !isStorageState(existing)) {
    throw new Error(
      `The file ${JSON.stringify(name)} exists and is no storage state: write another name, or remove the file.`,
    )
  }
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomUUID()}`
  try {
    await writeFile(draft, JSON.stringify(state, null, 2), { mode: 0o600, flag: 'wx' })
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Without symbolic links, as far as it exists. */
async function realFolder(folder: string): Promise<string> {
  const real = await realpath(folder).catch(ignoreAbsence)
  if (real !== undefined) return real
  return path.join(await realFolder(path.dirname(folder)), path.basename(folder))
}

function isWithin(folder: string, file: string): boolean {
  const relative = path.relative(folder, file)
  return relative !== '' && relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative)
}

function ignoreAbsence(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
