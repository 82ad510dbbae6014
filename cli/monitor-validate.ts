/** `reprise monitor validate`: validates the configuration, and finds the specs of each check. */
import path from 'node:path'
import type { Configuration } from '../monitor/config/configuration.ts'
import { ConfigurationError } from '../monitor/config/fault.ts'
import { secretFaults } from '../monitor/config/secret-faults.ts'
import { type FoundSpecs, findSpecs } from '../monitor/replay/found-specs.ts'
import type { Command, Invocation } from './command.ts'
import { configurationOrFaults } from './faults.ts'
import { unmetLines } from './monitor-lines.ts'
import { readArguments } from './read-arguments.ts'

export const monitorValidate: Command = {
  help: `Usage: npx reprise monitor validate [--config FILE] [--json]

Validates monitor.config.ts, loads the specs of each check without running them, and lists which checks may write.
Specs are loaded only if the configuration has no fault.

  --config FILE   another file than monitor.config.ts in this folder
  --json          prints the result as one JSON document

Exit code: 0 no faults, also if secrets are not set, which it reports and without which monitor run exits with 2;
2 with every fault and its place.

Examples:
  npx reprise monitor validate
  npx reprise monitor validate --config staging/monitor.config.ts --json`,

  async run({ args, env, folder, print, complain, stopRequest }: Invocation): Promise<number> {
    const { values, positionals } = readArguments('monitor validate', args, {
      config: { type: 'string' },
      json: { type: 'boolean' },
    } as const)
    if (positionals.length > 0)
      throw new Error(`monitor validate takes no ${JSON.stringify(positionals[0])}; see --help.`)
    const { configuration, found } = await configurationOrFaults({ folder, json: values.json, print }, async load => {
      const configuration = await load(values.config)
      const found = await findSpecs(configuration, env, stopRequest())
      const faults = found.flatMap(({ faults }) => faults)
      if (faults.length > 0) throw new ConfigurationError(path.relative(folder, configuration.file), faults)
      return { configuration, found }
    })
    print(values.json ? JSON.stringify(document(configuration, found)) : text(configuration, found))
    for (const note of [...missingSecrets(configuration, env), ...unmetLines(configuration, env)]) complain(note)
    return 0
  },
}

function document({ environments }: Configuration, found: readonly FoundSpecs[]) {
  const checks = found.map(({ check: { name, environment }, specs }) => ({
    name,
    environment,
    writes: environments[environment]?.writes ?? 'refused',
    specs: specs.map(({ title, file, line }) => ({ title, file, line })),
  }))
  return { version: 1, exitCode: 0, checks }
}

function text({ environments }: Configuration, found: readonly FoundSpecs[]): string {
  const width = Math.max(0, ...found.map(({ check }) => check.name.length))
  const lines = found.map(({ check: { name, environment }, specs }) => {
    return `${name.padEnd(width)}  ${String(specs.length).padStart(4)} ${specs.length === 1 ? 'spec ' : 'specs'}  ${environment}`
  })
  const writing = found.filter(({ check }) => environments[check.environment]?.writes === 'cleaned')
  const notes =
    writing.length > 0
      ? [
          `May write, since writes are 'cleaned' in their environment: ${writing.map(({ check }) => check.name).join(', ')}.`,
          'Which of their specs do is known only when they run. In all other checks a write is refused before it is sent.',
        ]
      : ['None may write: a write is refused before it is sent.']
  return [...(lines.length > 0 ? lines : ['There are no checks.']), '', ...notes].join('\n')
}

/** Validation works without secrets; a run needs them. */
function missingSecrets({ environments }: Configuration, env: NodeJS.ProcessEnv): string[] {
  return Object.entries(environments)
    .flatMap(([name, environment]) => secretFaults(name, environment, env))
    .map(({ path, remedy }) => `Needed for runs, ${path}: ${remedy}.`)
}
