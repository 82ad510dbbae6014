/** Writes the file of an option `--out`. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** Makes the folders of the path. Rejects if the file exists already. @param asked A path relative to the folder. */
export async function writeNew(folder: string, asked: string, text: string): Promise<void> {
  const file = path.resolve(folder, asked)
  try {
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    const { code, message } = Object(error)
    if (code === 'EEXIST' && !String(message).includes('mkdir')) {
      throw new Error(`${asked} exists already: remove it, or choose another name.`)
    }
    throw new Error(`${asked} cannot be written: ${message}.`, { cause: error })
  }
}
