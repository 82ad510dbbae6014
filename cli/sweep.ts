/** `reprise sweep`: finishes the ledgers of crashed runs. */
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { Environment } from '../environment/environment.ts'
import type { Intent } from '../environment/ledger/entry.ts'
import { addTo, emptyResult, type Leak, type SweepResult } from '../environment/ledger/finish-all.ts'
import { ledgerFolder } from '../environment/ledger/folder.ts'
import { environmentsIn, sweep as sweepLedger } from '../environment/ledger/sweep.ts'
import { loadConfiguration } from '../monitor/config/load-configuration.ts'
import { suggestion } from '../monitor/config/nearest.ts'
import { connectSender } from '../monitor/replay/connect-sender.ts'
import type { Command, Invocation } from './command.ts'
import { readArguments } from './read-arguments.ts'
import { sweepMonitorDatabase } from './swept-database.ts'

export const sweep: Command = {
  help: `Usage: npx reprise sweep [--env NAME] [--ledger DIR] [--config FILE] [--json]

Removes what runs have created in deployed environments and could not remove, since they were killed or got no response.
What it cannot remove, or cannot find out about, it reports as a possible leak. Running runs are left alone; in the
monitor's database it takes up to 20 seconds to detect which runs have ended.

  --env NAME      only this environment
  --ledger DIR    only the files in this folder (default: .reprise/ledger, and the monitor's database)
  --config FILE   another file than monitor.config.ts in this folder; it has the URLs and headers of the environments
  --json          prints the result as one JSON document

Environment:
  REPRISE_MONITOR_DATABASE_URL  the postgres:// URL of the monitor's database (default: the one of a monitor
                                in .reprise/monitor, if there is one)
  and the variables that secret('NAME') names in the configuration

Exit code: 0 nothing is left; 1 something may be left; 2 an error of the command.

Examples:
  npx reprise sweep
  npx reprise sweep --env production --json`,

  async run({ args, env, folder, print, complain }: Invocation): Promise<number> {
    const { values } = readArguments('sweep', args, {
      env: { type: 'string' },
      ledger: { type: 'string' },
      config: { type: 'string' },
      json: { type: 'boolean' },
    } as const)
    const { place, environments } = await configuredIn(folder, values.config)
    const ledger = values.ledger === undefined ? ledgerFolder(place) : path.resolve(folder, values.ledger)
    if (values.ledger !== undefined && !existsSync(ledger)) {
      throw new Error(`--ledger is ${JSON.stringify(values.ledger)}: there is no folder ${ledger}.`)
    }
    const known = [...new Set([...Object.keys(environments), ...environmentsIn(ledger)])]
    const options = {
      ...(values.env !== undefined && { only: values.env }),
      environment: (name: string) => (Object.hasOwn(environments, name) ? environments[name] : undefined),
      env,
      connect: connectSender,
    }
    const inFiles = await sweepLedger({ ...options, folder: ledger })
    const inDatabase = values.ledger === undefined ? [await sweepMonitorDatabase(env, place, options, complain)] : []
    const result = sumOf([inFiles, ...inDatabase])
    // An environment with results is known to the monitor's database; if no name is known, there is nothing to sweep.
    const isNothing = result.removed + result.unverified + result.neverCreated + result.leaks.length === 0
    if (values.env !== undefined && isNothing && known.length > 0 && !known.includes(values.env)) {
      throw new Error(`--env is "${values.env}": there is no such environment; ${suggestion(values.env, known)}`)
    }
    const unverified = result.unverified > 0 ? `${result.unverified} removed but not verified, ` : ''
    const exitCode = result.leaks.length === 0 ? 0 : 1
    for (const leak of values.json ? [] : result.leaks) complain(textOf(leak, folder))
    print(
      values.json
        ? JSON.stringify({ version: 1, exitCode, ...result })
        : `${result.removed} removed, ${unverified}${result.neverCreated} never created, ${result.leaks.length} possible leaks.`,
    )
    return exitCode
  },
}

interface Configured {
  /** The folder beside which runs store their ledgers. */
  place: string
  environments: Readonly<Record<string, Environment>>
}

/** Without a configuration there are no environments: then those in the ledger are used. */
async function configuredIn(folder: string, given?: string): Promise<Configured> {
  const isThere = (await readdir(folder)).some(name => /^monitor\.config\.m?[jt]s$/.test(name))
  if (given === undefined && !isThere) return { place: folder, environments: {} }
  const { file, environments } = await loadConfiguration(folder, given)
  return { place: path.dirname(file), environments }
}

function sumOf(results: readonly SweepResult[]): SweepResult {
  const sum = emptyResult()
  for (const result of results) addTo(sum, result)
  return sum
}

function textOf({ intent, reason, file }: Leak, folder: string): string {
  const shown = file && path.relative(folder, file)
  if (!intent) return `${shown}: ${reason}`
  const { method, url, environment, replay, at } = intent
  return `Possible leak in ${environment}: ${method} ${url}, sent at ${at} by replay ${replay}: ${reason}.
  The next sweep tries again. After removing it yourself, ${shown ? `delete ${shown}` : forget(intent)}.`
}

function forget({ id }: Intent): string {
  return `run this in the monitor's database: delete from reprise.intents where id = '${id}'`
}
