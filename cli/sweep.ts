/** `reprise sweep`: finishes what crashed runs have left in the ledger. */
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
  help: `Usage: npm run reprise -- sweep [--env NAME] [--ledger DIR] [--config FILE] [--json]

Removes what runs have created in deployed environments and could not remove, since they were killed or got no answer.
What it cannot remove, or cannot know of, it names as a possible leak. Runs that are still at work are left alone; in
the monitor's database it takes up to 20 seconds until it shows which ones are.

  --env NAME      only what this environment holds
  --ledger DIR    only the files in this folder (default: .reprise/ledger, and the monitor's database)
  --config FILE   another file than monitor.config.ts in this folder; its environments say how they are reached
  --json          prints the result as one JSON document

Environment:
  REPRISE_MONITOR_DATABASE_URL  the postgres:// URL of the monitor's database (default: the one that a monitor has kept
                                in .reprise/monitor, if any has)
  and the variables that secret('NAME') names in the configuration

Exit code: 0 nothing is left; 1 something may be left; 2 an error of our own.

Examples:
  npm run reprise -- sweep
  npm run reprise -- sweep --env production --json`,

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
    // What was found under the name is known to the monitor's database; where no name is known, nothing was left.
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
  /** Beside which runs have left their ledger. */
  place: string
  environments: Readonly<Record<string, Environment>>
}

/** No environments without a configuration: then the ledger itself tells how they are reached. */
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
  It is looked for again by the next sweep. Once you have removed it yourself, ${shown ? `delete ${shown}` : forget(intent)}.`
}

function forget({ id }: Intent): string {
  return `have the monitor's database forget it: delete from reprise.intents where id = '${id}'`
}
