/** Makes what a blob needs for the summary of its run, as an attachment of one of its tests. */
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { openPromise } from 'yauzl'

/** The entry of a blob that has its events, one a line. */
const eventsEntry = 'report.jsonl'

/**
 * Returns the texts to be added to the archive, by their entries. The attachment goes to the first failed test, or to the
 * first if none has failed, at its last attempt; to none in a run without tests. Throws for an archive that cannot be read.
 */
export async function summaryEntries(blob: string, page: string): Promise<Map<string, string>> {
  const attempt = await attemptFor(blob)
  if (!attempt) return new Map()
  // As Playwright names them, so that those of several shards are different files.
  const file = `resources/${createHash('sha1').update(page).digest('hex')}.html`
  const attachments = [{ name: 'summary of the run', contentType: 'text/html', path: file }]
  const event = { method: 'onAttach', params: { ...attempt, attachments } }
  return new Map([
    [eventsEntry, `${JSON.stringify(event)}\n`],
    [file, page],
  ])
}

interface Attempt {
  testId: string
  resultId: string
}

async function attemptFor(blob: string): Promise<Attempt | undefined> {
  const ended = new Map<string, { attempt: Attempt; isFailed: boolean }>()
  const zip = await openPromise(blob)
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== eventsEntry) continue
      const lines = createInterface({ input: await zip.openReadStreamPromise(entry) })
      for await (const line of lines) {
        if (!line.includes('"onTestEnd"')) continue
        const { method, params } = JSON.parse(line)
        if (method !== 'onTestEnd') continue
        const { test, result } = params
        const isFailed = result.status !== test.expectedStatus && result.status !== 'skipped'
        ended.set(test.testId, { attempt: { testId: test.testId, resultId: result.id }, isFailed })
      }
    }
  } finally {
    zip.close()
  }
  const tests = [...ended.values()]
  return (tests.find(({ isFailed }) => isFailed) ?? tests[0])?.attempt
}
