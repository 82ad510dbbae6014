/** Makes the scenarios of a file Playwright tests that stand at their own lines. */
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
  /** Absolute. */
  file: string
  /** As in `plainEnglish()`. */
  origins: readonly string[]
  allow: readonly string[]
  /** Beside those that are built in. */
  sentences: readonly SentenceDefinition[]
}

// biome-ignore lint/suspicious/noExplicitAny: whatever fixtures a user's test has
type AnyTest = TestType<any, any>

/** Called while Playwright loads a spec file. Throws an error for all faults of the file, each at its place. */
export function registerFile(test: AnyTest, { file, origins, allow, sentences }: Registration): void {
  const { scenarios, faults } = readSpec(file, file, new Vocabulary([...builtInSentences, ...sentences]))
  if (faults.length > 0) throw new AggregateError(faults.map(errorOf), `${file} cannot be run.`)
  const secrets = secretsIn(scenarios)
  // A trace holds whatever was sent.
  if (secrets.length > 0) test.use({ trace: 'off' })
  const spec: SpecFile = { file, secrets, hosts: { origins, allow } }
  const run = (index: number, fixtures: ScenarioFixtures) => {
    const chosen = scenarios[index]
    return chosen && runScenario(chosen, spec, fixtures, test.info())
  }
  // Playwright takes the place of a test from the code that calls it, and its fixtures from the text of its function.
  vm.compileFunction(codeOf(scenarios), ['test', 'scenarios', 'run'], { filename: file })(test, scenarios, run)
}

/** Code that registers each scenario from the line, and the column, at which it stands. */
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
