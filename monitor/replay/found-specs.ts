/** Finds which specs belong to each check, without running any. */
import path from 'node:path'
import { openRun } from '../../postgres/run/run.ts'
import type { Check, Configuration } from '../config/configuration.ts'
import { type Fault, shown } from '../config/fault.ts'
import type { PlannedTest } from './events.ts'
import { OnlineProbe } from './online-probe.ts'
import { planCheck } from './plan.ts'
import { openPlayer } from './player.ts'
import { replayChecks } from './replay-checks.ts'
import type { ReplayedCheck } from './replayed-check.ts'
import { redactorOf } from './run-redactor.ts'
import { specFiles } from './spec-files.ts'

export interface FoundSpecs {
  check: Check
  specs: PlannedTest[]
  /** Why it finds none, or cannot load them. */
  faults: Fault[]
}

/** In the order of the configuration. `asked` resolves when the search is asked to end. */
export async function findSpecs(
  configuration: Configuration,
  env: NodeJS.ProcessEnv,
  asked: Promise<unknown>,
): Promise<FoundSpecs[]> {
  const { file, checks, environments } = configuration
  const [[name, environment] = ['', undefined]] = Object.entries(environments)
  if (!environment) return []
  const folder = path.dirname(file)
  const redactor = redactorOf(configuration, env)
  const run = await openRun()
  try {
    const player = await openPlayer({ run, folder, name, environment, env })
    const planned = await Promise.all(checks.map(check => planCheck(check, check.name, folder)))
    const supervision = { probe: new OnlineProbe(undefined), asked }
    const found = await replayChecks(planned, checks => player.list(checks, supervision))
    return await Promise.all(
      checks.map(async (check, index) => ({
        check,
        specs: (found[index]?.tests ?? []).map(({ planned }) => ({ ...planned, title: redactor.text(planned.title) })),
        faults: (await faultsOf(check, folder, found[index])).map(fault => ({
          ...fault,
          remedy: redactor.text(fault.remedy),
        })),
      })),
    )
  } finally {
    await run.end()
  }
}

async function faultsOf(check: Check, folder: string, found: ReplayedCheck | undefined): Promise<Fault[]> {
  const place = `checks.${check.name}`
  const missing: Fault[] = []
  for (const [index, spec] of check.specs.entries()) {
    if ((await specFiles([spec], folder)).length > 0) continue
    const path = check.specs.length === 1 ? `${place}.specs` : `${place}.specs[${index}]`
    missing.push({ path, value: JSON.stringify(spec), remedy: `there is no such file in ${folder}` })
  }
  if (found?.faults) return [...missing, ...found.faults]
  const whole = selectionOf(check)
  if (found?.error !== undefined)
    return [...missing, { ...whole, remedy: `correct what cannot be loaded: ${found.error}` }]
  if (missing.length > 0 || (found?.tests.length ?? 0) > 0) return missing
  const remedy = "no spec fits all of it; look at the spelling, and at what Playwright's config leaves out"
  return [{ ...whole, remedy }]
}

/** What the check selects by: its only setting, or all of them, as a configuration writes them. */
function selectionOf({ name, specs, tags, title, projects }: Check): { path: string; value: string } {
  const settings = Object.entries({ specs: textOf(specs), tag: textOf(tags), title, project: textOf(projects) })
    .filter(([, value]) => value !== undefined)
    .map(([setting, value]) => ({ setting, value: shown(value, []) }))
  const [only, ...more] = settings
  if (only && more.length === 0) return { path: `checks.${name}.${only.setting}`, value: only.value }
  const all = settings.map(({ setting, value }) => `${setting}: ${value}`)
  return { path: `checks.${name}`, value: `{ ${all.join(', ')} }` }
}

const textOf = (list: readonly string[]) => (list.length > 1 ? list : list[0])
