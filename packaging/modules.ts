/** Writes the modules of the package, and the files that they read at run time. */
import { cp, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { glob } from 'tinyglobby'
import { writeBundles } from './bundle.ts'
import { relocateSources } from './source-maps.ts'

const root = path.join(import.meta.dirname, '..')

const read = [
  'app/page/**',
  'app/**/*.sql',
  '{monitor,fixtures,pages,reporter}/**/*.css',
  'monitor/status-page/*.mjs',
  'monitor/**/migrations/*.sql',
  // The program of a process of its own, which outlives the run that it watches.
  'postgres/run/watchdog/*.mjs',
]

/** What Playwright and the specs that we generate load by their paths. */
const loadedByPath = [
  'monitor/replay/child/replay-config.ts',
  'monitor/replay/child/reporter.ts',
  'plain-english/playwright/register.ts',
]

const startOfServer = [
  'postgres/server.ts',
  'postgres/providers/provider.ts',
  'postgres/providers/embedded.ts',
  'postgres/providers/embedded/postmaster.ts',
  'postgres/run/run-lock.ts',
  'postgres/templates/spare.ts',
]

const together = {
  /** What a run loads: the global setup, a spec, a worker that creates its database and then its sandbox, the start of a server. */
  groups: {
    // With what the start of a server and a spec share: it is loaded before both, since Node refuses to `require` a spec that
    // shares a file with what is being imported.
    setup: ['postgres/global-setup.ts', 'processes/package-manager.ts'],
    spec: ['fixtures/index.ts'],
    // With what the sandbox shares with a server that runs already.
    database: ['fixtures/worker-database.ts', 'postgres/providers/server-socket.ts'],
    postgres: ['postgres/index.ts'],
    sandbox: ['sandbox/index.ts', 'fixtures/sandboxed-app.ts'],
    server: startOfServer,
  },
  /** Loaded where Playwright's `test` is not; the second also without a driver of databases. */
  apart: [
    ['sandbox/index.ts', 'postgres/index.ts', ...startOfServer],
    [
      'monitor/index.ts',
      'reporter/index.ts',
      'monitor/replay/child/replay-config.ts',
      'monitor/replay/child/reporter.ts',
    ],
  ],
}

/**
 * @param sources Those that others import, relative to the root.
 * @param dist Where the modules get the same paths.
 * @param programs Besides the command line.
 */
export async function writeModules(
  sources: readonly string[],
  dist: string,
  programs: readonly string[] = [],
): Promise<void> {
  await copyFiles(read, dist)
  // Programs apart: their many parts, each loaded only when it is called, would cut what workers load into small files.
  const apart = ['cli/main.ts', ...programs].map(program => ({ modules: [program], libraries: ['zod'] }))
  await writeBundles([...apart, { modules: [...sources, ...loadedByPath], together }], dist)
  await relocateSources(root, dist)
}

/** Copies files of this repository to the same paths; those in `packaging/` to the root. */
export async function copyFiles(patterns: readonly string[], dist: string): Promise<void> {
  for (const file of await glob([...patterns], { cwd: root })) {
    const target = path.join(dist, file.replace(/^packaging\//, ''))
    await mkdir(path.dirname(target), { recursive: true })
    await cp(path.join(root, file), target)
  }
}
