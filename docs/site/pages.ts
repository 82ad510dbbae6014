/** Maps the Markdown files of the repository, and the files that they link to, to pages of the site. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { globSync } from 'tinyglobby'
import { linksOf } from './markdown.ts'

export const root = path.join(import.meta.dirname, '../..')

/** Files that are no pages. */
export const excluded = [
  '**/node_modules/**',
  '.reprise/**',
  'dist/**',
  'test-results/**',
  'playwright-report/**',
  'blob-report/**',
  // For coding agents, in the package.
  'packaging/**',
]

/** The Markdown files that are pages, relative to the repository. */
export function markdownFiles(): string[] {
  const ignore = [...excluded, 'docs/site/source/**']
  return globSync('**/*.md', { cwd: root, ignore, expandDirectories: false }).sort()
}

/** The page of a Markdown file, as a path that ends in `.md`: that of `docs/sandbox.md` is `sandbox.md`. */
export function pageOf(file: string): string {
  const page = file === 'README.md' ? 'index.md' : file.replace(/(^|\/)README\.md$/, '$1index.md')
  if (page.startsWith('docs/')) return page.replace(/^docs\/(site\/)?/, '')
  if (page.startsWith('examples/') || !page.includes('/')) return page.toLowerCase()
  return `source/${page}`
}

/** The address in the site for a link in a Markdown file; undefined for one to another host, or within the page. */
export function addressOf(file: string, link: string): string | undefined {
  if (/^[a-z]+:|^#|^\//.test(link)) return undefined
  const [place = '', anchor] = link.split('#')
  const target = path.join(path.dirname(file), decodeURI(place)).replace(/\/$/, '')
  return `/${pageOf(sourceOf(target))}${anchor === undefined ? '' : `#${anchor}`}`
}

/** A file or a folder that a page links to, and that is no page itself. */
export interface Source {
  /** Relative to the repository. */
  path: string
  /** Its text as Markdown. */
  content: string
}

/** All that pages link to beside pages and pictures. */
export function linkedSources(): Source[] {
  const pages = markdownFiles()
  const targets = pages.flatMap(page => {
    const links = linksOf(readFileSync(path.join(root, page), 'utf8')).map(link => link.replace(/#.*/, ''))
    return links.filter(Boolean).map(link => path.join(path.dirname(page), link).replace(/\/$/, ''))
  })
  const linked = [...new Set(targets)].filter(target => {
    return existsSync(path.join(root, target)) && /^docs\/site\/source\//.test(sourceOf(target))
  })
  return linked.map(target => ({ path: target, content: contentOf(target) }))
}

/** The Markdown file whose page shows this file or folder: that of a folder is its README, if it has one. */
function sourceOf(target: string): string {
  if (/\.(md|svg|png)$/.test(target)) return target
  const readme = path.join(target, 'README.md')
  return existsSync(path.join(root, readme)) ? readme : `docs/site/source/${target}.md`
}

function contentOf(target: string): string {
  const place = path.join(root, target)
  if (!statSync(place).isDirectory()) {
    const language = path.extname(target).slice(1) || 'txt'
    return `\`\`\`${language}\n${readFileSync(place, 'utf8').trimEnd()}\n\`\`\``
  }
  const entries = readdirSync(place, { withFileTypes: true }).filter(({ name }) => name !== 'node_modules')
  return entries.map(entry => `- \`${entry.name}${entry.isDirectory() ? '/' : ''}\``).join('\n')
}
