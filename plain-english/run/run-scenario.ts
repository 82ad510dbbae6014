/** Runs the steps of a scenario, each as a `test.step` at its line. */
import { type Page, type TestInfo, test } from '@playwright/test'
import type { TargetOptions } from '../../environment/environment.ts'
import { secretNames } from '../../environment/secrets/secret.ts'
import type { Unique } from '../../fixtures/unique.ts'
import type { CompiledScenario, Step } from '../compile/compiled-scenario.ts'
import { parameterNamed } from '../compile/parameters.ts'
import { renderJson } from '../parse/json/json.ts'
import type { Hosts } from './app-url.ts'
import { failureOf } from './failure.ts'
import { RunningScenario } from './running-scenario.ts'
import { stepParams, stepSubtitle } from './step-params.ts'
import { Variables } from './variables.ts'

export interface SpecFile {
  /** An absolute path. */
  file: string
  /** The names of the secrets that it uses. */
  secrets: readonly string[]
  hosts: Omit<Hosts, 'baseURL'>
}

export type ScenarioFixtures = { baseURL?: string; page?: Page; unique?: Unique }

/** @param fixtures The fixtures that its sentences ask for, by name. */
export async function runScenario(
  compiled: CompiledScenario,
  { file, secrets, hosts }: SpecFile,
  fixtures: ScenarioFixtures,
  info: TestInfo,
): Promise<void> {
  refuseUnknownSecrets(secrets, info)
  const { baseURL, page, unique } = fixtures
  const variables = new Variables(process.env, unique)
  for (const { name, value } of compiled.cells) variables.set(name, renderJson(value, variables))
  const scenario = new RunningScenario(variables, { ...hosts, baseURL }, page)
  const given = { ...fixtures, scenario }
  for (const step of compiled.steps) {
    const location = { file, ...step.place }
    const params = stepParams(step.text, variables)
    const subtitle = stepSubtitle(params)
    await test.step(
      step.text,
      async () => {
        try {
          await runStep(step, given)
        } catch (error) {
          throw await failureOf(error, scenario.lastIfAny, { location, text: step.text, secrets, info })
        }
      },
      { location, ...(subtitle !== undefined && { params, subtitle }) },
    )
  }
}

async function runStep({ definition, arguments: given }: Step, fixtures: { scenario: RunningScenario }): Promise<void> {
  const values = given.map(({ parameter, tokens, inner }) => {
    if (inner) return () => runStep(inner, fixtures)
    return parameterNamed(parameter)?.read(tokens, fixtures.scenario.variables)
  })
  await definition.run(fixtures, ...values)
}

/** A monitor removes only the secrets that it knows from what it stores. */
function refuseUnknownSecrets(secrets: readonly string[], { project: { use } }: TestInfo): void {
  const target: TargetOptions = Object(use).target ?? {}
  if (!target.replays?.length) return
  const known = [...secretNames(target), ...(target.secrets ?? [])]
  const unknown = secrets.find(name => !known.includes(name))
  if (unknown === undefined) return
  throw new Error(
    `The secret ${unknown} would be shown in reports: add it to the environment in monitor.config.ts, as secrets: ['${unknown}'].`,
  )
}
