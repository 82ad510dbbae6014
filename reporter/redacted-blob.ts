/** Redacts the blob of a run: declared secrets, and the credentials that are found in it. */
import { redactArchive } from '../environment/secrets/redaction/archive.ts'
import { Credentials } from '../environment/secrets/redaction/credentials.ts'
import { Redactor } from '../environment/secrets/redaction/redactor.ts'
import { summaryEntries } from './attached-summary.ts'

export interface Declared {
  /** Values by name. */
  secrets: ReadonlyMap<string, string>
  /** Names of fields with personal data. */
  personal: readonly string[]
}

export interface BlobRedaction {
  /** The archive as Playwright has written it, and where the redacted one goes: in a folder that only its owner may read. */
  raw: string
  clean: string
  pictures: 'kept' | 'blank'
  /** The page to attach to one of the tests. */
  summary: string
}

/** For everything that the run has left. Throws for an archive that cannot be read. */
export async function redactorOfBlob(raw: string, { secrets, personal }: Declared): Promise<Redactor> {
  const credentials = new Credentials(personal)
  await credentials.inArchive(raw)
  return new Redactor(secrets, credentials.found)
}

/** For one file, if the blob cannot be searched. */
export async function redactorOfFile(file: string, { secrets, personal }: Declared): Promise<Redactor> {
  const credentials = new Credentials(personal)
  await credentials.inFile(file)
  return new Redactor(secrets, credentials.found)
}

/** Throws for an archive that cannot be read. */
export async function redactBlob(redactor: Redactor, { raw, clean, pictures, summary }: BlobRedaction): Promise<void> {
  await redactArchive(raw, clean, redactor, pictures, await summaryEntries(raw, summary))
}
