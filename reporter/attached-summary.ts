/** Makes the event by which a blob gets the summary of its run, as an attachment of one of its tests. */
import { createInterface } from 'node:readline'
import { openPromise } from 'yauzl'

/** The entry of a blob that has its events, one a line. */
export const eventsEntry = 'report.jsonl'

/**
 * The attachment goes to the first failed test, or to the first if none has failed, at its last attempt. Undefined for a run
 * without tests. Throws for an archive that cannot be read.
 */
export async function summaryEvent(blob: string, page: string): Promise<string | undefined> {
  const attempt = await attemptFor(blob)
  if (!attempt) return undefined
  const attachment = {
    name: 'summary of the run',
    contentType: 'text/html',
    base64: Buffer.from(page).toString('base64'),
  }
  return `${JSON.stringify({ method: 'onAttach', params: { ...attempt, attachments: [attachment] } })}\n`
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
