/** Checks that the pages for coding agents name what exists. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { glob } from 'tinyglobby'
import { expect, test } from '../testing/test.ts'

const root = path.join(import.meta.dirname, '..')
const read = (name: string) => readFileSync(path.join(root, name), 'utf8')

test('the messages that AGENTS.md explains exist in the code', async () => {
  const rows = read('packaging/AGENTS.md').matchAll(/^\| `([^`]+)`/gm)
  const messages = [...rows].map(([, message = '']) => message)
  expect(messages.length).toBeGreaterThan(3)
  const sources = (await glob(['{sandbox,fixtures,postgres}/**/*.ts', '!**/*.test.ts'], { cwd: root })).map(read)
  for (const message of messages)
    expect
      .soft(
        sources.some(text => text.includes(message)),
        message,
      )
      .toBe(true)
})

test('llms.txt lists every page, and no other', async () => {
  const listed = [...read('packaging/llms.txt').matchAll(/\]\(([^)]+)\)/g)].map(([, file = '']) => file)
  for (const file of listed) {
    const places = [file, `packaging/${file}`].map(name => path.join(root, name))
    expect.soft(places.some(existsSync), file).toBe(true)
  }
  const pages = await glob('docs/*.md', { cwd: root })
  expect(listed).toEqual(expect.arrayContaining(pages.filter(page => page !== 'docs/glossary.md')))
})
