/** Redacts the files that tests have left in the output folder, such as traces and attachments. */
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { kindOf, redactArchive } from '../environment/secrets/redaction/archive.ts'
import { blank } from '../environment/secrets/redaction/picture.ts'
import type { Redactor } from '../environment/secrets/redaction/redactor.ts'

/** In place. A folder that does not exist is an empty one. Throws for an archive that cannot be read. */
export async function redactOutput(folder: string, redactor: Redactor, pictures: 'kept' | 'blank'): Promise<void> {
  if (redactor.isIdle && pictures === 'kept') return
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(ignoreAbsence)
  for (const entry of entries) {
    if (entry.isFile()) await redactFile(path.join(entry.parentPath, entry.name), redactor, pictures)
  }
}

async function redactFile(file: string, redactor: Redactor, pictures: 'kept' | 'blank'): Promise<void> {
  const content = await readFile(file)
  const kind = kindOf(content)
  if (kind === 'zip') {
    const clean = `${file}.redacted`
    try {
      await redactArchive(file, clean, redactor, pictures)
      await rename(clean, file)
    } finally {
      await rm(clean, { force: true })
    }
    return
  }
  const redacted = kind === 'picture' ? (pictures === 'blank' ? blank : content) : redactor.bytes(content)
  if (redacted !== content) await writeFile(file, redacted)
}

function ignoreAbsence(error: NodeJS.ErrnoException): [] {
  if (error.code !== 'ENOENT') throw error
  return []
}
