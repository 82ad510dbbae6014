/** Checks that each error that the sources throw has an entry in errors.md, and each entry an error. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { glob } from 'tinyglobby'
import { expect, test } from '../testing/test.ts'
import type { Message } from './reference/messages.ts'

interface Entry {
  /** The message as the page has it; `…` stands for a value. */
  pattern: string
  /** The folders that its section names. */
  folders: readonly string[]
  /** Fits the messages that begin as the pattern does, or have it inside after `…`. */
  form: RegExp
}

const root = path.join(import.meta.dirname, '..')
const page = readFileSync(path.join(root, 'docs/errors.md'), 'utf8')
const entries = page.split(/^## /m).slice(1).flatMap(entriesIn)

const folders = ['processes', 'postgres', 'sandbox', 'environment', 'fixtures', 'plain-english', 'monitor', 'cli']
let files: readonly string[] = []
let messages: readonly Message[] = []
let messagesIn: (file: string) => Message[]

// Not while this file is loaded, which each run does twice.
test.beforeAll(async () => {
  ;({ messagesIn } = await import('./reference/messages.ts'))
  files = await glob(`{${folders}}/**/*.ts`, {
    cwd: root,
    ignore: ['**/*.test.ts', '**/testing/**', 'sandbox/{conformance,clients}/**'],
  })
  messages = files.flatMap(messagesIn)
})

for (const folder of folders) {
  test(`each error of ${folder}/ has an entry in a section that names its folder`, () => {
    const own = messages.filter(({ file }) => file.startsWith(`${folder}/`))
    for (const message of own) {
      if (isOfPostgres(message)) continue
      const isExplained = entries.some(entry => fits(entry, message))
      if (!isExplained) expect.soft(message.text, `Add to docs/errors.md what ${message.file} throws`).toBe('explained')
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
    if (!exists) expect.soft(exists, entry.pattern).toBe(true)
    const length = longest.trim().length
    if (length < 7) expect.soft(length, `${entry.pattern} would cover any message`).toBeGreaterThanOrEqual(7)
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
    [...head.matchAll(/(`+) ?([\s\S]+?) ?\1(?!`)/g)].map(([, , pattern = '']) => ({
      pattern,
      folders,
      form: formOf(pattern),
    })),
  )
}

function formOf(pattern: string): RegExp {
  const source = pattern.split('…').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^(?:…[^\\p{L}]*)?${source.join('[\\s\\S]*')}`, 'u')
}

/** Whether the message is of the form, and its file is in one of the folders. */
const fits = ({ folders, form }: Entry, { file, text }: Message): boolean =>
  folders.some(folder => file.startsWith(`${folder}/`)) && form.test(text)

/** A sandbox words mistakes of clients as PostgreSQL does, which begins with a small letter or a command. */
function isOfPostgres({ file, text }: Message): boolean {
  if (!file.startsWith('sandbox/') || /sandbox/.test(text)) return false
  return /^(?:[a-z-]|DISCARD ALL|… (?:AND CHAIN )?can only be used in|… does not exist)/.test(text)
}
