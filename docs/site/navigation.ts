/** The order of the pages, in which a user needs them. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { pageOf, root } from './pages.ts'

interface Entry {
  text: string
  /** A Markdown file of the repository, perhaps with an anchor. A file that does not exist is left out. */
  file: string
}

const groups: { text: string; entries: Entry[] }[] = [
  {
    text: 'Local tests',
    entries: [
      { text: 'Start', file: 'README.md' },
      { text: 'Your own service', file: 'README.md#testing-your-own-service' },
      { text: 'Fixtures and options', file: 'README.md#fixtures-and-options' },
      { text: 'What a rollback cannot undo', file: 'README.md#test-isolation' },
      { text: 'Isolation across tests', file: 'docs/isolation.md' },
      { text: 'Migrations', file: 'docs/migrations.md' },
      { text: 'Matchers', file: 'docs/matchers.md' },
      { text: 'Mail', file: 'docs/mail.md' },
      { text: 'Evidence', file: 'docs/evidence.md' },
      { text: 'Reports', file: 'docs/reports.md' },
    ],
  },
  {
    text: 'Deployed services',
    entries: [
      { text: 'Targets and the ledger', file: 'docs/replay.md' },
      { text: 'The monitor', file: 'docs/monitor.md' },
      { text: 'The status page', file: 'docs/status-page.md' },
      { text: 'Metrics', file: 'docs/metrics.md' },
      { text: 'Traces', file: 'docs/traces.md' },
      { text: 'Alerts', file: 'docs/alerts.md' },
      { text: 'Heartbeats', file: 'docs/heartbeats.md' },
      { text: 'Specs in English', file: 'docs/plain-english.md' },
      { text: 'Tools for specs in English', file: 'docs/plain-english-tools.md' },
      { text: 'Containers', file: 'docs/containers.md' },
      { text: 'Pipelines', file: 'docs/pipelines.md' },
    ],
  },
  {
    text: 'Reference',
    entries: [
      { text: 'Configuration', file: 'docs/configuration.md' },
      { text: 'Errors', file: 'docs/errors.md' },
      { text: 'Security', file: 'docs/security.md' },
      { text: 'Performance', file: 'docs/performance.md' },
      { text: 'Comparison', file: 'docs/comparison.md' },
      { text: 'The sandbox', file: 'docs/sandbox.md' },
      { text: 'Differences from a server', file: 'docs/sandbox.md#differences-from-a-server' },
      { text: 'Examples', file: 'examples/README.md' },
    ],
  },
  {
    text: 'The project',
    entries: [
      { text: 'Decisions', file: 'docs/decisions/README.md' },
      { text: 'Glossary', file: 'docs/glossary.md' },
      { text: 'Architecture', file: 'ARCHITECTURE.md' },
      { text: 'Contributing', file: 'CONTRIBUTING.md' },
      { text: 'Changes', file: 'CHANGELOG.md' },
    ],
  },
]

/** The Markdown files in the navigation, with their anchors, whether they exist or not. */
export const listed: readonly string[] = groups.flatMap(({ entries }) => entries.map(({ file }) => file))

/** The sidebar, as VitePress takes it. */
export const sidebar = groups.map(({ text, entries }) => ({
  text,
  items: entries
    .filter(({ file }) => existsSync(path.join(root, file.replace(/#.*/, ''))))
    .map(({ text, file }) => {
      const [name = '', anchor] = file.split('#')
      const page = pageOf(name).replace(/(index)?\.md$/, '')
      return { text, link: `/${page}${anchor === undefined ? '' : `#${anchor}`}` }
    }),
}))
