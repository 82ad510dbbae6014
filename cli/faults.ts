/** Loads the configuration for a command, and prints its faults as JSON if a program reads the output. */
import type { Configuration } from '../monitor/config/configuration.ts'
import { ConfigurationError } from '../monitor/config/fault.ts'
import { loadConfiguration } from '../monitor/config/load-configuration.ts'

interface Listener {
  folder: string
  /** Whether the output is JSON. */
  json: boolean | undefined
  print(text: string): void
}

/** Throws what `work` throws; for faults of the configuration, with `json`, after printing them as a document. */
export async function configurationOrFaults<T>(
  { folder, json, print }: Listener,
  work: (load: (file?: string) => Promise<Configuration>) => Promise<T>,
): Promise<T> {
  try {
    return await work(file => loadConfiguration(folder, file))
  } catch (error) {
    if (json && error instanceof ConfigurationError) {
      print(JSON.stringify({ version: 1, exitCode: 2, faults: error.faults }))
    }
    throw error
  }
}
