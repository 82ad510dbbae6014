/** Redacts everything that a run has left: its blob, and the files in its output folders. */
import path from 'node:path'
import type { Redactor } from '../environment/secrets/redaction/redactor.ts'
import { type BlobRedaction, type Declared, redactBlob, redactorOfBlob, redactorOfFile } from './redacted-blob.ts'
import { redactOutput } from './redacted-output.ts'

/**
 * Redacts the output folders even if the blob cannot be redacted, then by what is declared and by the credentials in each
 * file. Resolves with the redactor of the run. Throws afterwards; the error names the files that were removed since they could not be redacted, and those that could not be
 * removed either.
 */
export async function redactRun(
  blob: BlobRedaction,
  declared: Declared,
  outputs: readonly string[],
): Promise<Redactor> {
  const faults: string[] = []
  let redactor: Redactor | undefined
  try {
    redactor = await redactorOfBlob(blob.raw, declared)
    await redactBlob(redactor, blob)
  } catch (error) {
    faults.push(messageOf(error))
  }
  const [removed, left]: [string[], string[]] = [[], []]
  for (const folder of outputs) {
    const redactorFor = async (file: string) => redactor ?? (await redactorOfFile(file, declared))
    try {
      const found = await redactOutput(folder, redactorFor, blob.pictures)
      removed.push(...found.removed)
      left.push(...found.left)
    } catch (error) {
      faults.push(messageOf(error))
    }
  }
  const namesOf = (files: readonly string[]) => files.map(file => path.relative(process.cwd(), file)).join(', ')
  if (removed.length > 0) faults.push(`Removed, since they could not be redacted: ${namesOf(removed)}`)
  if (left.length > 0) {
    faults.push(
      `Not redacted, and they cannot be removed: ${namesOf(left)}. Remove them by hand: they may hold credentials.`,
    )
  }
  if (faults.length > 0 || !redactor) throw new Error(faults.join('\n'))
  return redactor
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
