/** Registers the scenarios of a file as Playwright tests, each at its own line. */
import vm from 'node:vm'
import type { TestType } from '@playwright/test'
import { type CompiledScenario, withInner } from '../compile/compiled-scenario.ts'
import { readSpec } from '../compile/read-spec.ts'
import type { SentenceDefinition } from '../compile/sentence-definition.ts'
import { type Mode, type RunSettings, runSettings } from '../compile/special-tags.ts'
import { namesIn, secretsIn } from '../compile/used-variables.ts'
import { type Fault, faultMessage } from '../parse/fault.ts'
import { runScenario, type ScenarioFixtures, type SpecFile } from '../run/run-scenario.ts'
import { calleeOf } from './callee.ts'
import { vocabularyWith } from './vocabulary-with.ts'

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
  const { scenarios, faults } = readSpec(file, file, vocabularyWith(sentences))
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
  const code = codeOf(scenarios)
  vm.compileFunction(code, ['test', 'scenarios', 'run'], { filename: file, lineOffset: -1 })(test, scenarios, run)
}

/**
 * Code that calls `test` at the line and column of each scenario, below a line for what has to come before the first one. A
 * scenario with settings of its own is in a group without a title, which begins at the end of the line above.
 */
function codeOf(scenarios: readonly CompiledScenario[]): string {
  const lines: string[] = ['']
  let open: Mode | undefined
  const append = (text: string) => lines.push(`${lines.pop() ?? ''} ${text}`)
  for (const [index, scenario] of scenarios.entries()) {
    const { line, column } = scenario.place
    const settings = runSettings(scenario.tags)
    const { mode } = settings
    while (lines.length < line) lines.push('')
    if (open && open !== mode) append('});')
    if (mode && mode !== open) append(`test.describe(() => { test.describe.configure({ mode: '${mode}' });`)
    open = mode
    const configured = configurationOf(settings)
    if (configured !== '') append(`test.describe(() => { ${configured}`)
    const fixtures = `{ ${fixturesOf(scenario).join(', ')} }`
    const it = `scenarios[${index}]`
    const details = `{ tag: ${it}.tags, annotation: ${it}.comments.map(description => ({ type: 'comment', description })) }`
    const call = `${calleeOf(settings)}(${it}.title, ${details}, async (${fixtures}) => run(${index}, ${fixtures}))`
    lines.push(`${' '.repeat(column - 1)}${call}${configured === '' ? ';' : ' });'}`)
  }
  if (open) append('});')
  return lines.join('\n')
}

function configurationOf({ isSlow, timeout, retries }: RunSettings): string {
  const options = JSON.stringify({ timeout, retries })
  return `${options === '{}' ? '' : `test.describe.configure(${options});`}${isSlow ? ' test.slow();' : ''}`
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
