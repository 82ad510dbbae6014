/** Watches the configuration's file, and applies it when it has changed. */
import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Configuration } from '../config/configuration.ts'
import { ConfigurationError } from '../config/fault.ts'
import { loadConfiguration } from '../config/load-configuration.ts'
import { startLoop } from './loop.ts'

export interface ConfigurationWatch {
  stop(): Promise<void>
}

export interface ConfigurationWatchOptions {
  file: string
  /** Its errors are retried, except for a `ConfigurationError`. */
  apply(configuration: Configuration): Promise<void>
  /** The new configuration is invalid; the earlier one stays active. */
  onFault(error: ConfigurationError): void
  onError(error: Error): void
}

/** Some editors write a file in several steps. */
const settleMs = 100

/** Interval of a check without a notification, for file systems that send none. */
const lookEveryMs = 10_000

/** Throws if the file cannot be read. */
export async function watchConfiguration({
  file,
  apply,
  onFault,
  onError,
}: ConfigurationWatchOptions): Promise<ConfigurationWatch> {
  let known = await readFile(file, 'utf8')
  let edition = 0
  const loop = startLoop({
    onError,
    work: async () => {
      await pause(settleMs)
      // While an editor replaces a file, it may be missing for a moment.
      const text = await readFile(file, 'utf8').catch(() => known)
      if (text === known) return lookEveryMs
      try {
        await apply(await loadConfiguration(path.dirname(file), file, String(++edition)))
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error
        onFault(error)
      }
      known = text
      return lookEveryMs
    },
  })
  const watcher = watch(path.dirname(file), (_, name) => {
    if (name === null || name === path.basename(file)) loop.wake()
  })
  watcher.on('error', () => undefined)
  return {
    stop: () => {
      watcher.close()
      return loop.stop()
    },
  }
}
