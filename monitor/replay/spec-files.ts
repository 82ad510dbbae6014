/** Finds the files that a check names. */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { glob } from 'tinyglobby'

/** Absolute paths, each once. A name that is a file's own counts as that, also with characters that globs use. */
export async function specFiles(specs: readonly string[], folder: string): Promise<string[]> {
  const found = await Promise.all(specs.map(spec => filesOf(spec, folder)))
  return [...new Set(found.flat())].sort()
}

async function filesOf(spec: string, folder: string): Promise<string[]> {
  const file = path.resolve(folder, spec)
  const isFile = await stat(file).then(
    found => found.isFile(),
    () => false,
  )
  if (isFile) return [file]
  const found = await glob(spec, { cwd: folder, absolute: true, ignore: '**/node_modules/**' })
  return found.map(match => path.normalize(match))
}
