/** Run archive: the redacted archives of a run in one file, from which its HTML report can be made at any time. */
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { openPromise } from 'yauzl'
import { ZipFile } from 'yazl'

/** Its name in the folder of a run. */
export const archiveName = 'evidence.zip'

/**
 * Writes the archives of a folder to one file, which is complete or absent. Unpacked, they are what `npx playwright
 * merge-reports` takes.
 */
export async function packArchives(folder: string, to: string): Promise<void> {
  const part = `${to}.part`
  try {
    const target = new ZipFile()
    const written = pipeline(target.outputStream, createWriteStream(part, { mode: 0o600 }))
    for (const name of (await readdir(folder)).filter(name => name.endsWith('.zip')).sort()) {
      // They are compressed already.
      target.addFile(path.join(folder, name), name, { mode: 0o100600, compress: false })
    }
    target.end()
    await written
    await rename(part, to)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

/** Throws for a file that is no run archive. */
export async function unpackArchives(file: string, folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700, recursive: true })
  const source = await openPromise(file)
  try {
    for await (const entry of source.eachEntry()) {
      if (!/^[\w-]+\.zip$/.test(entry.fileName)) {
        throw new Error(`The evidence has an entry ${JSON.stringify(entry.fileName)}, which no run has written.`)
      }
      const content = await source.openReadStreamPromise(entry)
      await pipeline(content, createWriteStream(path.join(folder, entry.fileName), { mode: 0o600, flags: 'wx' }))
    }
  } finally {
    source.close()
  }
}
