/** Redacts the files that tests have left in the output folder, such as traces and attachments. */
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { kindOf, leftOut, redactArchive, redactGzip } from '../environment/secrets/redaction/archive.ts'
import { blank } from '../environment/secrets/redaction/picture.ts'
import type { Redactor } from '../environment/secrets/redaction/redactor.ts'

/**
 * In place. A folder that does not exist is an empty one. An archive that cannot be read is replaced by a note. Removes what
 * cannot be redacted, and returns these files, and those that it could not remove either.
 */
export async function redactOutput(
  folder: string,
  redactorFor: (file: string) => Promise<Redactor>,
  pictures: 'kept' | 'blank',
): Promise<{ removed: string[]; left: string[] }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(ignoreAbsence)
  const [removed, left]: [string[], string[]] = [[], []]
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    try {
      await redactFile(file, await redactorFor(file), pictures)
    } catch {
      await rm(file, { force: true }).then(
        () => removed.push(file),
        () => left.push(file),
      )
    }
  }
  return { removed, left }
}

async function redactFile(file: string, redactor: Redactor, pictures: 'kept' | 'blank'): Promise<void> {
  if (redactor.isIdle && pictures === 'kept') return
  const content = await readFile(file)
  const kind = kindOf(content)
  if (kind === 'zip') {
    const clean = `${file}.redacted`
    try {
      await redactArchive(file, clean, redactor, pictures)
      await rename(clean, file)
    } catch (error) {
      if (isOfSystem(error)) throw error
      await writeFile(file, leftOut)
    } finally {
      await rm(clean, { force: true })
    }
    return
  }
  const redacted = redactedBytes(content, kind, redactor, pictures)
  if (redacted !== content) await writeFile(file, redacted)
}

function redactedBytes(content: Buffer, kind: string, redactor: Redactor, pictures: 'kept' | 'blank'): Buffer {
  if (kind === 'picture') return pictures === 'blank' ? blank : content
  return kind === 'gzip' ? redactGzip(content, redactor) : redactor.body(content)
}

/** Such as a full disk, which says nothing of the archive. */
function isOfSystem(error: unknown): boolean {
  const { cause } = error as { cause?: unknown }
  return [error, cause].some(each => typeof each === 'object' && each !== null && 'syscall' in each)
}

function ignoreAbsence(error: NodeJS.ErrnoException): [] {
  if (error.code !== 'ENOENT') throw error
  return []
}
