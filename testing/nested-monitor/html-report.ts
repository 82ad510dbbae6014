/** Reads what Playwright's HTML report shows, from the data within its page. */
import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { fromBufferPromise } from 'yauzl'

export interface ShownTest {
  title: string
  outcome: 'expected' | 'unexpected' | 'flaky' | 'skipped'
  results: { retry: number; status: string; attachments: { name: string; body?: string; path?: string }[] }[]
}

/** The tests of all files, in their order. @param page The report's `index.html`. */
export async function shownTests(page: string): Promise<ShownTest[]> {
  const data = /<template id="playwrightReportBase64">data:application\/zip;base64,([^<]+)</.exec(
    await readFile(page, 'utf8'),
  )?.[1]
  const archive = await fromBufferPromise(Buffer.from(data ?? '', 'base64'))
  const files: { fileName: string; tests: ShownTest[] }[] = []
  for await (const entry of archive.eachEntry()) {
    if (entry.fileName === 'report.json') continue
    files.push(JSON.parse((await buffer(await archive.openReadStreamPromise(entry))).toString()))
  }
  return files.sort((a, b) => a.fileName.localeCompare(b.fileName)).flatMap(({ tests }) => tests)
}
