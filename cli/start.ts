/** `reprise start`, which is `npm start`: the sample API as production, the monitor that watches it, and its status page. */
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
  help: `Usage: npm run reprise -- start [--config FILE] [--mute]

Runs the sample API, the monitor that replays its specs against it, and the status page, until Ctrl-C. It is the same as
npm start. The API is a process of its own: stop it, and see what happens.

  --config FILE   another file than monitor.config.ts in this folder
  --mute          alerts are recorded as muted, and not sent

Environment:
  HOST, PORT                    where the API listens (default: 127.0.0.1 and 3000; PORT=0 takes any free port)
  REPRISE_HOST, REPRISE_PORT    where the status page listens (default: 127.0.0.1 and 3100)
  REPRISE_POSTGRES              where the API's throw-away Postgres comes from, as for npm run reprise -- sample
  REPRISE_MONITOR_DATABASE_URL  where the monitor remembers (default: a Postgres of its own, kept in .reprise/monitor)
  and what else npm run reprise -- monitor start takes

Exit code: 0 after it was asked to stop; 2 when it cannot start, with the reason.

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
    // Asked for at once: a Ctrl-C while it starts is not lost.
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
          print(`The sample API has ended. To start it again: ${startLine(sample, env)}`)
        }
        await stop
      })
    })
    print('Stopped.')
    return 0
  },
}

/** Where the API listens elsewhere than the configuration says. */
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
  return `All of it runs on this machine:

  sample API   ${sample.url}, as process ${sample.pid}, on ${sample.database}
  monitor      replays ${file}, and remembers in ${database}
  status page  ${pageUrl}

It replays these checks against the API, and tells here when the state of one turns:

${checks}

Try it, in another terminal:

  ${stopLine.padEnd(width)}   stops the API: soon its checks are down
  ${line.padEnd(width)}   starts it again: they are up

Ctrl-C stops everything.
`
}

/** How the API is started so that it listens where it did. */
function startLine({ url }: SampleProcess, env: NodeJS.ProcessEnv): string {
  const { port } = new URL(url)
  const settings = [...(env.HOST ? [`HOST=${env.HOST}`] : []), ...(port === '3000' ? [] : [`PORT=${port}`])]
  return [...settings, 'npm run reprise -- sample'].join(' ')
}
