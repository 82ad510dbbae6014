/** `reprise monitor run`: replays checks now. */
import path from 'node:path'
import { openEvidenceFolder } from '../monitor/evidence/evidence-folder.ts'
import type { RunDocument } from '../monitor/replay/document.ts'
import { type RunRequest, replay } from '../monitor/replay/replay.ts'
import { exportRun } from '../monitor/traces/export-run.ts'
import { chooseChecks } from './chosen-checks.ts'
import type { Command, Invocation } from './command.ts'
import { configurationOrFaults } from './faults.ts'
import { resultText } from './monitor-results.ts'
import { githubText, junitText } from './pipeline-reports.ts'
import { readArguments } from './read-arguments.ts'

export const monitorRun: Command = {
  help: `Usage: npx reprise monitor run [CHECK...] [--env NAME] [--config FILE]
                               [--reporter NAME | --json] [--record] [--allow-leaks]

Replays checks of monitor.config.ts against a deployed environment, now: all, or those given. What the specs create is
removed again. It needs no database, except with --record.

  --env NAME      replays against this environment instead of that of the checks
  --config FILE   another file than monitor.config.ts in this folder
  --reporter NAME junit prints XML for pipelines; github adds annotations of GitHub Actions to the text
  --json          prints the result as one JSON document; everything else goes to stderr
  --allow-leaks   possible leaks are reported, and do not change the exit code
  --record        stores the results in the monitor's database, as if the checks had been due: their states may change

Environment:
  REPRISE_TARGET                replaces the environment's baseURL, for instance by that of a preview deployment
  REPRISE_MONITOR_DATABASE_URL  with --record: the postgres:// URL of the monitor's database (default: the one of a
                                monitor in .reprise/monitor, while none is running)
  OTEL_EXPORTER_OTLP_ENDPOINT   where the replays are exported as traces, by OTLP over HTTP
  and the variables that secret('NAME') names in the configuration

Exit code: 0 all checks passed, also on a retry or slowly; 1 a check failed, or could not be completed; 2 an error of the
command, such as a fault in the configuration; 3 there is nothing to replay; 4 all passed, but something may be left in
the environment.

Examples:
  npx reprise monitor run
  npx reprise monitor run users --env staging
  npx reprise monitor run --env staging --reporter junit > smoke.xml
  REPRISE_TARGET=https://preview-17.example.com npx reprise monitor run --json > result.json`,

  async run({ args, env, folder, colours, print, complain, progress, stopRequest }: Invocation): Promise<number> {
    const { values, positionals } = readArguments('monitor run', args, {
      env: { type: 'string' },
      config: { type: 'string' },
      reporter: { type: 'string' },
      json: { type: 'boolean' },
      record: { type: 'boolean' },
      'allow-leaks': { type: 'boolean' },
    } as const)
    const reporter = reporterOf(values)
    const chosen = await configurationOrFaults({ folder, json: values.json, print }, async load => {
      const configuration = await load(values.config)
      return { configuration, ...chooseChecks(configuration, positionals, values.env, env) }
    })
    const { configuration, checks, name, environment } = chosen
    // Whether each has failed, by its id: a serial suite is executed again with its tests that have passed.
    const ended = new Map<string, boolean>()
    const allowLeaks = values['allow-leaks'] ?? false
    const request: RunRequest = {
      configuration,
      name,
      environment,
      checks,
      env,
      allowLeaks,
      asked: stopRequest(),
      complain,
      onTestEnd: ({ id, title }, { status, isLast }) => {
        if (!isLast) return
        ended.set(id, status === 'failed')
        const failed = [...ended.values()].filter(Boolean).length
        progress(
          `${ended.size} ${ended.size === 1 ? 'spec' : 'specs'}${failed > 0 ? `, ${failed} failed` : ''}  ${title}`,
        )
      },
    }
    // Imported only if a database is needed.
    const document = values.record
      ? await (await import('./recorded-run.ts')).runAndRecord(request)
      : await replay(request)
    const reports = openEvidenceFolder(path.join(path.dirname(configuration.file), '.reprise/runs'))
    await reports.removeOld(configuration.retention).catch((error: Error) => complain(error.message))
    if (reporter === 'json') print(JSON.stringify(document))
    else if (reporter === 'junit') print(junitText(document, allowLeaks))
    else print(resultText(withPath(document, configuration.file, folder), colours))
    const annotations =
      reporter === 'github'
        ? githubText(document, allowLeaks, inRepository(configuration.file, env.GITHUB_WORKSPACE ?? folder))
        : ''
    if (annotations) print(annotations)
    await exportRun(document, env, complain)
    return document.exitCode
  },
}

/** The folder of a file, relative to that of the repository, with slashes. */
const inRepository = (file: string, repository: string) =>
  path.relative(repository, path.dirname(file)).split(path.sep).join('/')

const reporters = ['text', 'junit', 'github'] as const

/** Throws one sentence for an unknown reporter, or two. */
function reporterOf({ reporter, json }: { reporter?: string; json?: boolean }) {
  const known = reporters.find(name => name === (reporter ?? 'text'))
  if (known === undefined)
    throw new Error(`monitor run has no reporter "${reporter}"; choose ${reporters.join(', ')}, or --json.`)
  if (json && reporter !== undefined)
    throw new Error(`--json and --reporter ${reporter} were given; choose one of them.`)
  return json ? 'json' : known
}

/** With the report's path relative to the working directory. */
function withPath(document: RunDocument, file: string, folder: string): RunDocument {
  if (document.report === null) return document
  return { ...document, report: path.relative(folder, path.join(path.dirname(file), document.report)) }
}
