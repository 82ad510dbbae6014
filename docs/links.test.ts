/** Checks that every file and heading that a Markdown page links to, and every path that it names, exists. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { glob } from 'tinyglobby'

const root = path.join(import.meta.dirname, '..')
const pages = await glob('**/*.md', {
  cwd: root,
  ignore: ['**/node_modules/**', 'dist/**', 'test-results/**', 'playwright-report/**'],
})

/** A file with a folder before it, such as `cli/main.ts`, or a folder, such as `docs/decisions/`. Not what a spec imports (`../`). */
const namedPath = /^(?!dist\/|\.\.\/)(?:[\w.-]+\/)+(?:[\w.-]+\.(?:ts|mjs|py|sql|md|svg|css|html|txt|yml))?$/

for (const page of pages) {
  test(`${page} links to what exists`, () => {
    const text = readFileSync(path.join(root, page), 'utf8')
    for (const link of linksOf(text)) {
      const [file = '', heading] = link.split('#')
      const target = path.join(root, file === '' ? page : path.join(path.dirname(page), file))
      expect.soft(existsSync(target), `${page} links to ${link}`).toBe(true)
      if (heading === undefined || !existsSync(target)) continue
      expect.soft(anchorsOf(readFileSync(target, 'utf8')), `${page} links to ${link}`).toContain(heading)
    }
  })

  test(`${page} names paths that exist`, () => {
    const text = readFileSync(path.join(root, page), 'utf8')
    for (const named of codeOf(text).filter(code => namedPath.test(code))) {
      // A page of a folder names files of that folder, or of the whole repository.
      const places = [root, path.join(root, path.dirname(page))]
      const exists = places.some(place => existsSync(path.join(place, named)))
      expect.soft(exists, `${page} names ${named}`).toBe(true)
    }
  })
}

test('all pages are found', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/sandbox.md']))
})

/** The page without its code blocks and comments. */
function proseOf(markdown: string): string {
  return markdown.replace(/^ *```[\s\S]*?^ *```$/gm, '').replace(/<!--[\s\S]*?-->/g, '')
}

/** What stands between backticks. */
function codeOf(markdown: string): string[] {
  return [...proseOf(markdown).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
}

/** The targets of links and pictures that lie in this repository. */
function linksOf(markdown: string): string[] {
  const text = proseOf(markdown).replace(/`[^`\n]+`/g, '')
  const targets = [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target)
  return targets.filter(target => !/^[a-z]+:/.test(target))
}

/** The headings as GitHub makes anchors of them. */
function anchorsOf(markdown: string): string[] {
  return [...proseOf(markdown).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  )
}
