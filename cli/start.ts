/** `reprise start`, which is `npm start`: runs the sample API as production, the monitor that watches it, and its status page. */
import path from 'node:path'
import type { Configuration } from '../monitor/config/configuration.ts'
import { loadConfiguration } from '../monitor/config/load-configuration.ts'
import { readPageSettings } from '../monitor/status-page/page-settings.ts'
import { capacityOf } from './capacity.ts'
import type { Command, Invocation } from './command.ts'
import { readArguments } from './read-arguments.ts'
import { type RunningMonitor, runMonitor } from './running-monitor.ts'
import { type SampleProcess, withSampleProcess } from './sample-process.ts'

export const start: Command = {
  help: `Usage: npx reprise start [--config FILE] [--mute]

Runs the sample API, the monitor that replays its specs against it, and the status page, until Ctrl-C. It is the same as
npm start. The API is a separate process: stop it, and see what happens.

  --config FILE   another file than monitor.config.ts in this folder
  --mute          this instance creates no alerts of failures and delivers none

Environment:
  HOST, PORT                    the address of the API (default: 127.0.0.1 and 3000; PORT=0 is any free port)
  REPRISE_HOST, REPRISE_PORT    the address of the status page (default: 127.0.0.1 and 3100)
  REPRISE_POSTGRES              the server of the API's throw-away database, as for npx reprise sample
  REPRISE_MONITOR_DATABASE_URL  the monitor's database (default: an embedded Postgres in .reprise/monitor)
  and the other variables of npx reprise monitor start

Exit code: 0 after a request to stop; 2 if it cannot start, with the reason.

Examples:
  npm start
  PORT=0 REPRISE_PORT=0 npm start
  npm start -- --mute`,

  async run(invocation: Invocation): Promise<number> {
    const { args, env, folder, print, complain } = invocation
    const { values, positionals } = readArguments('start', args, {
      config: { type: 'string' },
      mute: { type: 'boolean' },
    } as const)
    if (positionals.length > 0) throw new Error(`start takes no ${JSON.stringify(positionals[0])}; see --help.`)
    // Called first, so that Ctrl-C during the start is not lost.
    const stop = invocation.stopRequest()
    const configuration = await loadConfiguration(folder, values.config)
    readPageSettings(env)
    await withSampleProcess(env, complain, async sample => {
      const monitorEnv = env.REPRISE_TARGET ? env : { ...env, ...targetOf(configuration, sample.url) }
      const settings = { configuration, capacity: capacityOf(), isMuted: values.mute === true, linksToPage: true }
      await runMonitor(settings, { ...invocation, env: monitorEnv }, async monitor => {
        print(welcome(sample, monitor, { env, file: path.relative(folder, configuration.file) }))
        const ended = sample.ended.then(() => 'ended' as const)
        if ((await Promise.race([stop, ended])) === 'ended') {
          print(`The sample API has ended. To restart it: ${startLine(sample, env)}`)
        }
        await stop
      })
    })
    print('Stopped.')
    return 0
  },
}

/** Sets REPRISE_TARGET if the API does not listen at a base URL of the configuration. */
function targetOf({ environments }: Configuration, url: string): { REPRISE_TARGET?: string } {
  const isThere = Object.values(environments).some(({ baseURL }) => new URL(baseURL).origin === url)
  return isThere ? {} : { REPRISE_TARGET: url }
}

function welcome(
  sample: SampleProcess,
  { pageUrl, database, checks }: RunningMonitor,
  { env, file }: { env: NodeJS.ProcessEnv; file: string },
): string {
  const stopLine = `kill ${sample.pid}`
  const line = startLine(sample, env)
  const width = Math.max(stopLine.length, line.length)
  return `Everything runs on this machine:

  sample API   ${sample.url}, as process ${sample.pid}, on ${sample.database}
  monitor      replays ${file}, and stores the results in ${database}
  status page  ${pageUrl}

It replays these checks against the API, and prints each change of state here:

${checks}

Try it, in another terminal:

  ${stopLine.padEnd(width)}   stops the API: its checks go down soon
  ${line.padEnd(width)}   restarts it: they come up

Ctrl-C stops everything.
`
}

/** The command that starts the API at the same address. */
function startLine({ url }: SampleProcess, env: NodeJS.ProcessEnv): string {
  const { port } = new URL(url)
  const settings = [...(env.HOST ? [`HOST=${env.HOST}`] : []), ...(port === '3000' ? [] : [`PORT=${port}`])]
  return [...settings, 'npx reprise sample'].join(' ')
}
