import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Redactor } from '../environment/secrets/redaction/redactor.ts'
import { expect, test } from '../testing/test.ts'
import { redactHtmlReport } from './redacted-html.ts'

test('a page that cannot be redacted is removed', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-html-'))
  try {
    const redactor = new Redactor(new Map([['TOKEN', 'canary-4711']]))
    for (const [content, message] of [
      ['<script>frames = "canary-4711"</script>', /has no data that could be redacted/],
      ['data:application/zip;base64,canary+4711=', /./],
    ] as const) {
      await writeFile(path.join(folder, 'index.html'), content)
      await expect(redactHtmlReport(folder, path.join(folder, 'work'), redactor)).rejects.toThrow(message)
      expect(await readdir(folder)).toEqual([])
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})
