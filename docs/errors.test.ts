/** Checks that each error that the sources throw has an entry in errors.md, and each entry an error. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { glob } from 'tinyglobby'
import { type Message, messagesIn } from './reference/messages.ts'

interface Entry {
  /** The message as the page has it; `…` stands for a value. */
  pattern: string
  /** The folders that its section names. */
  folders: readonly string[]
}

const root = path.join(import.meta.dirname, '..')
const page = readFileSync(path.join(root, 'docs/errors.md'), 'utf8')
const entries = page.split(/^## /m).slice(1).flatMap(entriesIn)

const files = await glob('{processes,postgres,sandbox,environment,fixtures,plain-english,monitor,cli}/**/*.ts', {
  cwd: root,
  ignore: ['**/*.test.ts', '**/testing/**', 'sandbox/{conformance,clients}/**'],
})
const messages = files.flatMap(messagesIn)

for (const folder of new Set(files.map(file => file.split('/')[0]))) {
  test(`each error of ${folder}/ has an entry in a section that names its folder`, () => {
    for (const message of messages.filter(({ file }) => file.startsWith(`${folder}/`))) {
      if (isOfPostgres(message)) continue
      const isExplained = entries.some(entry => fits(entry, message))
      expect.soft(isExplained, `Add to docs/errors.md what ${message.file} throws: ${message.text}`).toBe(true)
    }
  })
}

test('each entry explains an error that exists', () => {
  expect(entries.length).toBeGreaterThan(100)
  const sources = files.map(file => readFileSync(path.join(root, file), 'utf8'))
  for (const entry of entries) {
    // What is reported without an error object stands in the sources as well.
    const [longest = ''] = entry.pattern.split('…').toSorted((one, other) => other.length - one.length)
    const exists = messages.some(message => fits(entry, message)) || sources.some(text => text.includes(longest.trim()))
    expect.soft(exists, entry.pattern).toBe(true)
    expect.soft(longest.trim().length, `${entry.pattern} would cover any message`).toBeGreaterThanOrEqual(7)
  }
})

test('messages are found in all forms', () => {
  const found = (file: string) => messagesIn(file).map(({ text }) => text)
  // A constant, one of another file, concatenated texts, in a callback, in a method, after an SQLSTATE.
  expect(found('fixtures/test.ts').join()).toContain("isolation: 'serial' needs a serial group")
  expect(found('postgres/providers/testcontainers.ts').join()).toContain('which is not installed: …. Or set')
  expect(found('postgres/templates/template-content.ts').join()).toContain('Correct the option')
  expect(found('fixtures/cleanup.ts').join()).toContain('of the clean-up functions failed')
  expect(found('sandbox/execution/sandbox-errors.ts').join()).toContain('another client holds it')
  expect(messages.length).toBeGreaterThan(200)
})

/** An item begins with its messages, as code, and a line break; then come the cause and the remedy. */
function entriesIn(section: string): Entry[] {
  const [, from = ''] = /^From ([\s\S]*?)\./m.exec(section) ?? []
  const folders = [...from.matchAll(/`([\w/-]+)\/`/g)].map(([, folder = '']) => folder)
  const items = [...section.matchAll(/^- ((?:``? ?[\s\S]+? ?``?(?: \(\w+\))?(?:, )?)+)\\\n {2}\S/gm)]
  if (items.length !== (section.match(/^- /gm) ?? []).length)
    throw new Error(`An item of errors.md has no cause:\n${section}`)
  return items.flatMap(([, head = '']) =>
    [...head.matchAll(/(`+) ?([\s\S]+?) ?\1(?!`)/g)].map(([, , pattern = '']) => ({ pattern, folders })),
  )
}

/** Whether the message begins as the pattern does, or has it inside after `…`, and its file is in one of the folders. */
function fits({ pattern, folders }: Entry, { file, text }: Message): boolean {
  if (!folders.some(folder => file.startsWith(`${folder}/`))) return false
  const source = pattern.split('…').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^(?:…[^\\p{L}]*)?${source.join('[\\s\\S]*')}`, 'u').test(text)
}

/** A sandbox words mistakes of clients as PostgreSQL does, which begins with a small letter or a command. */
function isOfPostgres({ file, text }: Message): boolean {
  if (!file.startsWith('sandbox/') || /sandbox/.test(text)) return false
  return /^(?:[a-z-]|DISCARD ALL|… (?:AND CHAIN )?can only be used in|… does not exist)/.test(text)
}
