/** Registers the scenarios of a file as Playwright tests, each at its own line. */
import vm from 'node:vm'
import type { TestType } from '@playwright/test'
import { type CompiledScenario, withInner } from '../compile/compiled-scenario.ts'
import { readSpec } from '../compile/read-spec.ts'
import type { SentenceDefinition } from '../compile/sentence-definition.ts'
import { namesIn, secretsIn } from '../compile/used-variables.ts'
import { Vocabulary } from '../compile/vocabulary.ts'
import { type Fault, faultMessage } from '../parse/fault.ts'
import { runScenario, type ScenarioFixtures, type SpecFile } from '../run/run-scenario.ts'
import { builtInSentences } from '../sentences/built-in.ts'

export interface Registration {
  /** An absolute path. */
  file: string
  /** As for `plainEnglish()`. */
  origins: readonly string[]
  allow: readonly string[]
  /** In addition to the built-in ones. */
  sentences: readonly SentenceDefinition[]
}

// biome-ignore lint/suspicious/noExplicitAny: a user's test can have any fixtures
type AnyTest = TestType<any, any>

/** Called while Playwright loads a spec. Throws an `AggregateError` with an error for each fault, at its place. */
export function registerFile(test: AnyTest, { file, origins, allow, sentences }: Registration): void {
  const { scenarios, faults } = readSpec(file, file, new Vocabulary([...builtInSentences, ...sentences]))
  if (faults.length > 0) throw new AggregateError(faults.map(errorOf), `${file} cannot be run.`)
  const secrets = secretsIn(scenarios)
  // A trace would contain the secrets of requests.
  if (secrets.length > 0) test.use({ trace: 'off' })
  const spec: SpecFile = { file, secrets, hosts: { origins, allow } }
  const run = (index: number, fixtures: ScenarioFixtures) => {
    const chosen = scenarios[index]
    return chosen && runScenario(chosen, spec, fixtures, test.info())
  }
  // Playwright takes the location of a test from the calling code, and its fixtures from the function's source text.
  vm.compileFunction(codeOf(scenarios), ['test', 'scenarios', 'run'], { filename: file })(test, scenarios, run)
}

/** Code that calls `test` at the line and column of each scenario. */
function codeOf(scenarios: readonly CompiledScenario[]): string {
  const lines: string[] = []
  for (const [index, scenario] of scenarios.entries()) {
    const { line, column } = scenario.place
    while (lines.length < line - 1) lines.push('')
    const fixtures = `{ ${fixturesOf(scenario).join(', ')} }`
    const { title, tag } = { title: `scenarios[${index}].title`, tag: `scenarios[${index}].tags` }
    lines.push(
      `${' '.repeat(column - 1)}test(${title}, { tag: ${tag} }, async (${fixtures}) => run(${index}, ${fixtures}))`,
    )
  }
  return lines.join('\n')
}

function fixturesOf(scenario: CompiledScenario): string[] {
  const asked = scenario.steps.flatMap(withInner).flatMap(({ definition }) => definition.fixtures)
  const isUnique = namesIn(scenario).some(name => name.startsWith('unique.'))
  const names = new Set(['baseURL', ...asked, ...(isUnique ? ['unique'] : [])])
  names.delete('scenario')
  return [...names]
}

function errorOf(fault: Fault): Error {
  const error = new Error(faultMessage(fault))
  error.stack = `${error.message}\n    at ${fault.file}:${fault.line}:${fault.column}`
  return error
}
