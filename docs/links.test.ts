/** Checks that every file and heading that a Markdown page links to, and every path that it names, exists. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { glob } from 'tinyglobby'
import { expect, test } from '../testing/test.ts'
import { anchorsOf, linksOf, proseOf } from './site/markdown.ts'
import { listed } from './site/navigation.ts'
import { addressOf, markdownFiles, pageOf } from './site/pages.ts'

const root = path.join(import.meta.dirname, '..')
let pages: readonly string[] = []

test.beforeAll(async () => {
  pages = await glob('**/*.md', {
    cwd: root,
    ignore: ['**/node_modules/**', 'dist/**', 'test-results/**', 'playwright-report/**', 'docs/site/source/**'],
  })
})

/** A file with a folder before it, such as `cli/main.ts`, or a folder, such as `docs/decisions/`. Not what a spec imports (`../`). */
const namedPath = /^(?!dist\/|\.\.\/)(?:[\w.-]+\/)+(?:[\w.-]+\.(?:ts|mjs|py|sql|md|svg|css|html|txt|yml))?$/

test('each page links to what exists', () => {
  const broken: string[] = []
  for (const page of pages) {
    for (const link of linksOf(readFileSync(path.join(root, page), 'utf8'))) {
      const [file = '', heading] = link.split('#')
      const target = path.join(root, file === '' ? page : path.join(path.dirname(page), file))
      const isThere = existsSync(target) && (heading === undefined || anchorsAt(target).has(heading))
      if (!isThere) broken.push(`${page} links to ${link}`)
    }
  }
  expect(broken).toEqual([])
})

test('each page names paths that exist', () => {
  const missing: string[] = []
  for (const page of pages) {
    const text = readFileSync(path.join(root, page), 'utf8')
    for (const named of codeOf(text).filter(code => namedPath.test(code))) {
      // A page of a folder names files of that folder, or of the whole repository.
      const places = [root, path.join(root, path.dirname(page))]
      if (!places.some(place => existsSync(path.join(place, named)))) missing.push(`${page} names ${named}`)
    }
  }
  expect(missing).toEqual([])
})

const known = new Map<string, Set<string>>()

function anchorsAt(file: string): Set<string> {
  const anchors = known.get(file) ?? new Set(anchorsOf(readFileSync(file, 'utf8')))
  known.set(file, anchors)
  return anchors
}

test('all pages are found', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/sandbox.md']))
})

test('the navigation of the site has every page of docs/, and its anchors exist', async () => {
  const files = listed.map(file => file.replace(/#.*/, ''))
  expect(files).toEqual(expect.arrayContaining(await glob('docs/*.md', { cwd: root })))
  for (const [file = '', anchor] of listed.map(entry => entry.split('#'))) {
    if (anchor === undefined) continue
    expect.soft(anchorsOf(readFileSync(path.join(root, file), 'utf8')), `${file}#${anchor}`).toContain(anchor)
  }
})

test('each file has a page of its own', () => {
  const addresses = markdownFiles().map(pageOf)
  expect(new Set(addresses).size).toBe(addresses.length)
})

test("a link leads to the page of its file, or of the folder's README", () => {
  expect(addressOf('README.md', 'docs/sandbox.md#options')).toBe('/sandbox.md#options')
  expect(addressOf('docs/isolation.md', '../README.md#test-isolation')).toBe('/index.md#test-isolation')
  expect(addressOf('README.md', 'sandbox')).toBe('/source/sandbox/index.md')
  expect(addressOf('README.md', 'e2e/api/isolation.spec.ts')).toBe('/source/e2e/api/isolation.spec.ts.md')
  expect(addressOf('docs/alerts.md', 'https://api.slack.com/')).toBeUndefined()
})

/** What stands between backticks. */
function codeOf(markdown: string): string[] {
  return [...proseOf(markdown).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
}
