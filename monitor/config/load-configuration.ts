/** Finds, imports and validates `monitor.config.ts`. */
import { access } from 'node:fs/promises'
import path from 'node:path'
import { agreementFaults } from './agreement-faults.ts'
import { type Configuration, configurationOf } from './configuration.ts'
import { ConfigurationError } from './fault.ts'
import { importModule } from './import-module.ts'
import type { MonitorConfig } from './monitor-config.ts'
import { referenceFaults } from './reference-faults.ts'
import { routeFaults } from './route-faults.ts'
import { monitorSchema } from './schema.ts'
import { shapeFaults } from './shape-faults.ts'

/**
 * Reads `file`, or `monitor.config.ts` (`.mts`, `.js`, `.mjs`) in the folder. Throws a `ConfigurationError` with every
 * fault and its place.
 * @param edition Node imports a URL once; a new edition imports the file again.
 */
export async function loadConfiguration(folder: string, file?: string, edition = ''): Promise<Configuration> {
  const found = await findFile(folder, file)
  const shownFile = path.relative(folder, found) || found
  const config = await importConfig(found, shownFile, edition)
  const parsed = monitorSchema.safeParse(config)
  const shapes = shapeFaults(config, parsed.error?.issues ?? [])
  const faults = [...shapes, ...referenceFaults(config), ...routeFaults(config), ...agreementFaults(config)]
  if (faults.length > 0) throw new ConfigurationError(shownFile, faults)
  // Validated above; zod's type does not know the formats of its strings.
  return configurationOf(found, config as MonitorConfig)
}

const names = ['monitor.config.ts', 'monitor.config.mts', 'monitor.config.js', 'monitor.config.mjs']

async function findFile(folder: string, file: string | undefined): Promise<string> {
  const candidates = file === undefined ? names : [file]
  for (const name of candidates) {
    const candidate = path.resolve(folder, name)
    if (
      await access(candidate).then(
        () => true,
        () => false,
      )
    )
      return candidate
  }
  const fault =
    file === undefined
      ? { path: 'monitor.config.ts', remedy: `create it in ${folder}, or name another file with --config FILE` }
      : { path: file, remedy: `there is no such file in ${folder}` }
  throw new ConfigurationError(file ?? 'monitor.config.ts', [fault])
}

async function importConfig(file: string, shownFile: string, edition: string): Promise<unknown> {
  try {
    const module = await importModule(file, edition)
    // In a file that counts as CommonJS, `default` is nested one level deeper.
    const exported = module.default
    const config = Object(exported).default ?? exported
    if (config !== undefined) return config
  } catch (error) {
    const { message } = error as Error
    const remedy = `correct the file; loading it fails with ${message.trim()}`
    throw new ConfigurationError(shownFile, [{ path: shownFile, value: 'not a module', remedy }], { cause: error })
  }
  throw new ConfigurationError(shownFile, [{ path: 'default', remedy: 'write export default defineMonitor({ ... })' }])
}
