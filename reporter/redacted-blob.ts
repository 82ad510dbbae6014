/** Redacts the blob of a run: declared secrets, and the credentials that are found in it. */
import { redactArchive } from '../environment/secrets/redaction/archive.ts'
import { Credentials } from '../environment/secrets/redaction/credentials.ts'
import { Redactor } from '../environment/secrets/redaction/redactor.ts'
import { summaryEntries } from './attached-summary.ts'

export interface BlobRedaction {
  /** The archive as Playwright has written it, and where the redacted one goes: in a folder that only its owner may read. */
  raw: string
  clean: string
  /** Values by name. */
  secrets: ReadonlyMap<string, string>
  /** Names of fields with personal data. */
  personal: readonly string[]
  pictures: 'kept' | 'blank'
  /** The page to attach to one of the tests. */
  summary: string
}

/** Returns the redactor, for what else the run has left. Throws for an archive that cannot be read. */
export async function redactedBlob(redaction: BlobRedaction): Promise<Redactor> {
  const { raw, clean, secrets, personal, pictures, summary } = redaction
  const credentials = new Credentials(personal)
  await credentials.inArchive(raw)
  const redactor = new Redactor(secrets, credentials.found)
  await redactArchive(raw, clean, redactor, pictures, await summaryEntries(raw, summary))
  return redactor
}
