/** Reads files that sentences name: a body, a part of a form, a schema. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'

/** Throws an error that names the folder, if there is no such file. */
export async function readNamedFile(folder: string, name: string): Promise<Buffer> {
  const file = path.resolve(folder, name)
  try {
    return await readFile(file)
  } catch (cause) {
    throw new Error(
      `The file ${JSON.stringify(name)} cannot be read from ${folder}: write its path relative to the folder of this file.`,
      { cause },
    )
  }
}

/** The media type by the ending of the name. */
export async function mediaTypeOf(name: string): Promise<string> {
  // Imported here, since its table is large.
  const { default: types } = await import('mime-types')
  return types.lookup(name) || 'application/octet-stream'
}
