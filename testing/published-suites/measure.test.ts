import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { forEachRow } from '../for-each-row.ts'
import { expect, test } from '../test.ts'
import { measure } from './measure.ts'

const folder = path.join(import.meta.dirname, 'suites')
const page = readFileSync(path.join(import.meta.dirname, '../../docs/plain-english-tools.md'), 'utf8')

test('of each suite, nearly all steps have a sentence, and the documentation has the figures', async () => {
  const suites = readdirSync(folder).filter(name => name.endsWith('.txt'))
  await forEachRow(suites, String, name => {
    // Acceptance tests of a browser library ask for the state of a checkbox that is none.
    const least = name === 'robot-browser-checkbox.txt' ? 0.94 : 0.95
    const content = readFileSync(path.join(folder, name), 'utf8')
    const { over, total } = measure(content, name)
    expect(total).toBeGreaterThan(0)
    expect(over / total, `${over} of ${total} steps`).toBeGreaterThanOrEqual(least)
    const [, source = ''] = /^# (?:Transcribed|Imported) from ([^,]+)/.exec(content) ?? []
    const rows = page.split('\n').filter(line => line.includes(`\`${name.replace('.txt', '')}\``))
    expect(rows).toEqual([expect.stringMatching(new RegExp(`${source}.* ${over} of ${total} `))])
  })
})
