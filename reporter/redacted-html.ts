/** Redacts the data in Playwright's HTML report: its code frames are read from the source files when the report is made. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { redactArchive } from '../environment/secrets/redaction/archive.ts'
import type { Redactor } from '../environment/secrets/redaction/redactor.ts'

/** The archive within the page, which every version of Playwright has as a data URL. */
const data = /(?<=data:application\/zip;base64,)[A-Za-z0-9+/=]+/

/** @param folder The report's. @param work A folder that only its owner may read, and which does not exist. Throws for a report without data. A page that could not be redacted is removed. */
export async function redactHtmlReport(folder: string, work: string, redactor: Redactor): Promise<void> {
  if (redactor.isIdle) return
  const page = path.join(folder, 'index.html')
  const [raw, clean] = [path.join(work, 'raw.zip'), path.join(work, 'clean.zip')]
  try {
    const text = await readFile(page, 'utf8')
    const [found] = data.exec(text) ?? []
    if (found === undefined) throw new Error(`${page} has no data that could be redacted.`)
    await mkdir(work, { mode: 0o700 })
    await writeFile(raw, Buffer.from(found, 'base64'))
    await redactArchive(raw, clean, redactor, 'kept')
    const redacted = (await readFile(clean)).toString('base64')
    await writeFile(
      page,
      text.replace(data, () => redacted),
    )
  } catch (error) {
    await rm(page, { force: true })
    throw error
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
