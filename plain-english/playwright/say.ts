/** Runs sentences within a test in TypeScript. */
import path from 'node:path'
import { test } from '@playwright/test'
import { readText } from '../compile/read-spec.ts'
import type { SentenceDefinition } from '../compile/sentence-definition.ts'
import { secretsIn } from '../compile/used-variables.ts'
import { faultText } from '../parse/fault.ts'
import type { JsonValue } from '../parse/json/json.ts'
import { runScenario, type ScenarioFixtures } from '../run/run-scenario.ts'
import { vocabularyWith } from './vocabulary-with.ts'

export interface SayOptions {
  /** In addition to the built-in ones. */
  sentences?: readonly SentenceDefinition[]
  /** Variables that the sentences can use, with their values. */
  cells?: Readonly<Record<string, JsonValue>>
  /** As for `plainEnglish()`. */
  origins?: readonly string[]
  allow?: readonly string[]
  /** The folder that paths of files are relative to, itself relative to that of the test; default: that of the test. */
  folder?: string
}

/**
 * Runs sentences as one scenario: `await say({ request, unique }, ['GET /users', 'Status Code Should Be 200'])`. Throws the
 * faults of sentences that do not exist, and what a sentence throws.
 * @param fixtures Those that the sentences need, by name.
 */
export async function say(
  fixtures: ScenarioFixtures & { [fixture: string]: unknown },
  lines: readonly string[],
  { sentences = [], cells = {}, origins = [], allow = [], folder = '' }: SayOptions = {},
): Promise<void> {
  const info = test.info()
  const names = Object.keys(cells)
  const row = names.map(name => JSON.stringify(cells[name]).replaceAll('|', '\\|').replaceAll('${', '\\u0024{'))
  // The line Examples: separates it from a table of the last sentence.
  const table = names.length > 0 ? ['Examples:', `| ${names.join(' | ')} |`, `| ${row.join(' | ')} |`] : []
  const { scenarios, faults } = readText([...lines, ...table].join('\n'), info.title, vocabularyWith(sentences))
  if (faults.length > 0) throw new Error(`say() cannot run these sentences.\n\n${faults.map(faultText).join('\n\n')}`)
  const spec = {
    file: info.file,
    folder: path.resolve(path.dirname(info.file), folder),
    secrets: secretsIn(scenarios),
    hosts: { origins, allow },
  }
  for (const scenario of scenarios) await runScenario(scenario, spec, fixtures, info)
}
