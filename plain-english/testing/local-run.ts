/** Runs files in English in this process, without pages, for tests of what their sentences do. */
import path from 'node:path'
import { request as api, expect, test } from '@playwright/test'
import type { Unique } from '../../fixtures/unique.ts'
import { writeFiles } from '../../testing/project-folder.ts'
import { readSpec } from '../compile/read-spec.ts'
import type { SentenceDefinition } from '../compile/sentence-definition.ts'
import { secretsIn } from '../compile/used-variables.ts'
import { Vocabulary } from '../compile/vocabulary.ts'
import { runScenario } from '../run/run-scenario.ts'
import { builtInSentences } from '../sentences/built-in.ts'

export interface LocalRun {
  baseURL: string
  /** Texts by path; those in the top folder are specs. */
  files: Readonly<Record<string, string>>
  origins?: readonly string[]
  allow?: readonly string[]
  sentences?: readonly SentenceDefinition[]
}

/** The error of each scenario, by its title; undefined if it has passed. They run one after another. */
export async function runLocally({
  baseURL,
  files,
  origins = [],
  allow = [],
  sentences = [],
}: LocalRun): Promise<Record<string, string | undefined>> {
  const info = test.info()
  const folder = info.outputPath('english')
  await writeFiles(folder, files)
  const vocabulary = new Vocabulary([...builtInSentences, ...sentences])
  const errors: Record<string, string | undefined> = {}
  for (const name of Object.keys(files).filter(name => /^[^/]+\.txt$/.test(name))) {
    const file = path.join(folder, name)
    const { scenarios, faults } = readSpec(file, name, vocabulary)
    expect(faults).toEqual([])
    const spec = { file, secrets: secretsIn(scenarios), hosts: { origins, allow } }
    for (const [index, scenario] of scenarios.entries()) {
      const request = await api.newContext({ baseURL })
      const unique = uniqueOf(index + 1)
      const given = { baseURL, request, unique }
      errors[scenario.title] = await runScenario(scenario, spec, given, info).then(() => undefined, String)
      await request.dispose()
    }
  }
  return errors
}

function uniqueOf(number: number): Unique {
  return { id: String(number), email: () => `${number}@example.com`, name: () => `Name ${number}` }
}
