/** Runs files in English in a separate Playwright process, against a service, for tests of their output. */

import type { TargetOptions } from '../../environment/environment.ts'
import { test as base } from '../../fixtures/testing/deployed-run.ts'
import type { Service } from '../../fixtures/testing/service.ts'
import { imported } from '../../testing/built/built-modules.ts'
import type { NestedRun } from '../../testing/nested-run/nested-run.ts'
import type { PlainEnglishOptions } from '../playwright/project.ts'

interface EnglishRun {
  /** By name. */
  files: Record<string, string>
  /** Source text of the items of the list of sentences; `defineSentence`, `expect` and `test` are imported. */
  sentences?: string
  options?: Partial<PlainEnglishOptions>
  /** Added to Playwright's config. */
  config?: Record<string, unknown>
  against: Pick<Service, 'url'>
  /** Whether the service is a deployed environment. */
  isDeployed?: boolean
  /** Added to the default options of the environment. */
  target?: TargetOptions
  env?: Record<string, string>
  /** As of a nested run, for scenarios by Reprise's own `test`. */
  keepsWorker?: RegExp
  args?: readonly string[]
}

export const test = base.extend<{
  runEnglish: (run: EnglishRun) => ReturnType<NestedRun['result']>
}>({
  runEnglish: async ({ startRun, ledger }, use) =>
    use(
      async ({
        files,
        sentences = '',
        options,
        config,
        against,
        isDeployed = false,
        target,
        env,
        keepsWorker,
        args = [],
      }) => {
        const use = isDeployed
          ? { target: { ledgerFolder: ledger.folder, writes: 'cleaned', ...target } }
          : { baseURL: against.url }
        const settings = {
          testDir: '.',
          workers: 1,
          globalSetup: imported('postgres/global-setup'),
          outputDir: 'test-results',
          reporter: [['line'], ['json', { outputFile: 'report.json' }]],
          ...config,
        }
        const test = keepsWorker && { test: 'kept-worker.ts' }
        const project = { files: '*.txt', sentences: 'sentences.ts', ...test, ...options }
        const run = await startRun({
          spec: '',
          files: {
            ...files,
            'playwright.config.ts': `
            import { plainEnglish } from '${imported('plain-english/playwright/project')}'
            const english = plainEnglish({ folder: import.meta.dirname, ...${JSON.stringify(project)} })
            const project = { name: 'english', ...english, use: ${JSON.stringify(use)} }
            export default { ...${JSON.stringify(settings)}, projects: [project] }`,
            'sentences.ts': `
            import { expect, test } from '@playwright/test'
            import { defineSentence } from '${imported('plain-english/index')}'
            export default [${sentences}]`,
          },
          env: { ...(isDeployed && { REPRISE_TARGET: against.url }), ...env },
          ...(keepsWorker && { keepsWorker }),
          args,
        })
        return run.result()
      },
    ),
})
