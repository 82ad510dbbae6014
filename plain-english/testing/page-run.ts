/** Runs scenarios in this process, each in a browser context of its own, for tests of sentences about pages. */
import { type Browser, expect, test } from '@playwright/test'
import { readText } from '../compile/read-spec.ts'
import { Vocabulary } from '../compile/vocabulary.ts'
import { runScenario } from '../run/run-scenario.ts'
import { builtInSentences } from '../sentences/built-in.ts'

/** The error of each scenario, by its title; undefined if it has passed. All run at the same time. */
export async function runInPages(
  browser: Browser,
  baseURL: string,
  text: string,
): Promise<Record<string, string | undefined>> {
  const { scenarios, faults } = readText(text, 'pages.txt', new Vocabulary(builtInSentences))
  expect(faults).toEqual([])
  const info = test.info()
  const spec = { file: info.file, secrets: [], hosts: { origins: [], allow: [] } }
  const errors = scenarios.map(async scenario => {
    const context = await browser.newContext({ baseURL })
    try {
      const fixtures = { baseURL, page: await context.newPage(), request: context.request }
      await runScenario(scenario, spec, fixtures, info)
      return [scenario.title, undefined]
    } catch (error) {
      return [scenario.title, String(error)]
    } finally {
      await context.close()
    }
  })
  return Object.fromEntries(await Promise.all(errors))
}
