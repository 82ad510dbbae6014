/** Runs the steps of a scenario, each as a `test.step` at its line. */
import path from 'node:path'
import { type Page, type TestInfo, test } from '@playwright/test'
import type { TargetOptions } from '../../environment/environment.ts'
import { secretNames } from '../../environment/secrets/secret.ts'
import type { Unique } from '../../fixtures/unique.ts'
import { type CompiledScenario, type Step, withInner } from '../compile/compiled-scenario.ts'
import { type Login, parameterNamed } from '../compile/parameters.ts'
import { variablesInUrl, variablesOf } from '../compile/used-variables.ts'
import { renderJson, variablesInJson } from '../parse/json/json.ts'
import type { Variable } from '../parse/template.ts'
import type { Hosts } from './app-url.ts'
import { atSentence, isDebugged } from './breakpoint.ts'
import { failureOf } from './failure.ts'
import { RunningScenario } from './running-scenario.ts'
import { stepParams, stepSubtitle } from './step-params.ts'
import { type Exposure, strictest, Variables } from './variables.ts'
import { withoutCallers } from './without-callers.ts'
import { withoutSecrets } from './without-secrets.ts'

export interface SpecFile {
  /** An absolute path. */
  file: string
  /** The folder that the paths of other files are relative to; default: that of the file. */
  folder?: string
  /** The names of the secrets that it uses. */
  secrets: readonly string[]
  hosts: Omit<Hosts, 'baseURL'>
}

export type ScenarioFixtures = { baseURL?: string; page?: Page; unique?: Unique }

/** @param fixtures The fixtures that its sentences ask for, by name. */
export async function runScenario(
  compiled: CompiledScenario,
  { file, folder = path.dirname(file), secrets, hosts }: SpecFile,
  fixtures: ScenarioFixtures,
  info: TestInfo,
): Promise<void> {
  refuseUnknownSecrets(secrets, info)
  const { baseURL, page, unique } = fixtures
  const variables = new Variables(process.env, unique)
  for (const { name, value } of compiled.cells) {
    variables.set(name, renderJson(value, variables), exposureOfAll(variablesInJson(value), variables))
  }
  const hide = withoutSecrets(secrets, info)
  const scenario = new RunningScenario(variables, { ...hosts, baseURL }, { page, folder, hide })
  const [first] = compiled.steps
  const run = { file, folder, secrets, hide, info, page, first, given: { ...fixtures, scenario } }
  for (const step of compiled.steps) await runAsStep(step, run)
}

interface Run extends Pick<SpecFile, 'file' | 'secrets'> {
  /** Removes secrets from a text. */
  hide: (text: string) => string
  info: TestInfo
  page: Page | undefined
  /** That of the scenario. */
  first: Step | undefined
  folder: string
  given: { scenario: RunningScenario }
}

/** Shows the step in reports, and the comments above it. */
async function runAsStep(step: Step, run: Run): Promise<void> {
  const { scenario } = run.given
  const file = step.file ?? run.file
  const folder = step.file === undefined ? run.folder : path.dirname(step.file)
  for (const { text, place, file = run.file } of step.comments) {
    await test.step(`# ${text}`, () => undefined, { location: { file, ...place } })
  }
  const location = { file, ...step.place }
  const params = stepParams(step.text, scenario.variables, run.hide)
  const subtitle = stepSubtitle(params)
  await test.step(
    step.text,
    async () => {
      try {
        await atSentence(location, step.text, run.page, step === run.first, () =>
          scenario.inFolder(folder, () => runStep(step, run)),
        )
      } catch (error) {
        if (isReported.has(Object(error))) throw error
        isReported.add(Object(error))
        const namesElement = withInner(step).some(one => one.arguments.some(({ parameter }) => parameter === 'element'))
        const at = { location, text: step.text, namesElement, secrets: run.secrets, info: run.info }
        throw await failureOf(error, scenario.lastIfAny, at)
      }
    },
    { location, ...(subtitle !== undefined && { params, subtitle }) },
  )
}

/** Errors that have the place of the step of a login, within that of `As`. */
const isReported = new WeakSet<object>()

async function runStep({ definition, arguments: given }: Step, run: Run): Promise<void> {
  const { variables } = run.given.scenario
  refuseSecretsInUrl(variablesInUrl(definition.expression, given), variables)
  const exposure = exposureOfAll(
    given.flatMap(({ tokens }) => tokens.flatMap(variablesOf)),
    variables,
  )
  const values = given.map(({ parameter, tokens, inner, steps, definedAt }) => {
    if (inner) return () => runStep(inner, run)
    const value = parameterNamed(parameter)?.read(tokens, variables)
    if (!steps) return value
    const login: Login = {
      name: String(value),
      key: JSON.stringify([definedAt?.file ?? run.file, definedAt?.line, steps.map(({ text }) => text)]),
      run: async () => {
        for (const step of steps) await runAsStep(step, run)
      },
    }
    return login
  })
  const call = async () => await definition.run(run.given, ...values)
  // A debugger steps from the sentence into its function.
  await (isDebugged() ? call() : withoutCallers(call))
  for (const [index, { parameter }] of given.entries()) {
    if (parameterNamed(parameter)?.defines) variables.restrict(String(values[index]), exposure)
  }
}

/** That of a value that is made of these variables. */
function exposureOfAll(used: readonly Variable[], variables: Variables): Exposure {
  return strictest(used.map(({ name }) => variables.exposureOf(name)))
}

/** The compiler refuses the secrets themselves. */
function refuseSecretsInUrl(used: readonly Variable[], variables: Variables): void {
  const secret = used.find(({ name }) => variables.exposureOf(name) === 'secret')
  if (!secret) return
  throw new Error(
    `The variable ${secret.name} was saved from a secret or a cookie, which is not allowed in a URL, because logs and reports show it: send it in a header or a body.`,
  )
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
