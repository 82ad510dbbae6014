/** The site of the documentation: `npm run docs` builds it, `npm run docs:dev` serves it. Its pages are the Markdown files. */
import path from 'node:path'
import { defineConfig } from 'vitepress'
import { anchorOf } from '../site/markdown.ts'
import { sidebar } from '../site/navigation.ts'
import { addressOf, excluded, pageOf, root } from '../site/pages.ts'

export default defineConfig({
  title: 'Reprise',
  description: 'Specs that roll back at home and replay in production',
  lang: 'en',
  // An empty icon, so that browsers request none.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  srcDir: '..',
  srcExclude: excluded,
  rewrites: pageOf,
  outDir: path.join(root, '.reprise/site'),
  cacheDir: path.join(root, '.reprise/site-cache'),
  // Search engines and other hosts are not asked for anything: no font, script or picture is loaded from elsewhere.
  themeConfig: {
    sidebar,
    outline: [2, 3],
    search: {
      provider: 'local',
      options: { _render: (text, env, md) => (env.frontmatter?.search === false ? '' : md.render(text, env)) },
    },
  },
  markdown: {
    anchor: { slugify: anchorOf },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: md => {
      // Links are those of the repository, which GitHub follows; here they lead to the pages.
      md.core.ruler.push('repository links', ({ tokens, env }) => {
        // Absent for the title of a page.
        const place = env.realPath ?? env.path
        if (place === undefined) return
        const file = path.relative(root, place)
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.type === 'link_open' ? token.attrGet('href') : null
          const address = href === null ? undefined : addressOf(file, href)
          if (address !== undefined) token.attrSet('href', address)
        }
      })
    },
  },
  vite: {
    server: { watch: { ignored: ['**/.reprise/**', '**/test-results/**', '**/dist/**'] } },
  },
})
