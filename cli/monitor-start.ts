/** `reprise monitor start`: runs a monitor until it is asked to stop. */
import { defaultLocation } from '../monitor/config/configuration.ts'
import { loadConfiguration } from '../monitor/config/load-configuration.ts'
import { readPageSettings } from '../monitor/status-page/page-settings.ts'
import { capacityOf } from './capacity.ts'
import type { Command, Invocation } from './command.ts'
import { readArguments } from './read-arguments.ts'
import { runMonitor } from './running-monitor.ts'

export const monitorStart: Command = {
  help: `Usage: npx reprise monitor start [--config FILE] [--mute] [--capacity N]

Replays the checks of monitor.config.ts when they are due, until Ctrl-C. It stores the results in Postgres, updates the
states of the checks, sends alerts, and serves a status page. Changes to the configuration take effect immediately.
Several instances may share one database: each slot is replayed by one of them.

  --config FILE   another file than monitor.config.ts in this folder
  --mute          this instance creates no alerts of failures and delivers none
  --capacity N    how many checks this instance replays at the same time (default: 1000)

Environment:
  REPRISE_MONITOR_DATABASE_URL  the postgres:// URL of the monitor's database (default: an embedded Postgres
                                in .reprise/monitor beside the configuration)
  REPRISE_HOST, REPRISE_PORT    the address of the status page (default: 127.0.0.1 and 3100; 0 is any free port)
  REPRISE_URL                   its public URL, for the link in alerts
  REPRISE_ALLOWED_HOSTS         names of hosts by which it is requested beside that of REPRISE_URL
  REPRISE_OPERATOR_TOKEN        lets operators sign in on the page, and act; at least 16 characters
  REPRISE_IDENTITY_HEADER       the header in which a proxy of REPRISE_TRUSTED_PROXIES names the operator
  REPRISE_REPORTS_HOST, REPRISE_REPORTS_PORT
                                the address of the reports of runs (default: 127.0.0.1 and 3101, or any free port)
  REPRISE_REPORTS_URL           their public URL; https://*.reports.example.com gives each an origin of its own
  REPRISE_LOCATION              the location of this instance (default: ${defaultLocation}); it replays the checks of that location
  REPRISE_TARGET                replaces the baseURL of the environments
  OTEL_EXPORTER_OTLP_ENDPOINT   where the replays are exported as traces, by OTLP over HTTP
  and the variables that secret('NAME') names in the configuration

Exit code: 0 after a request to stop; 2 if it cannot start, with the reason.

Examples:
  npx reprise monitor start
  REPRISE_LOCATION=frankfurt npx reprise monitor start --mute`,

  async run(invocation: Invocation): Promise<number> {
    const { args, env, print } = invocation
    const { values, positionals } = readArguments('monitor start', args, {
      config: { type: 'string' },
      mute: { type: 'boolean' },
      capacity: { type: 'string' },
    } as const)
    if (positionals.length > 0) throw new Error(`monitor start takes no ${JSON.stringify(positionals[0])}; see --help.`)
    const capacity = capacityOf(values.capacity)
    // Called first, so that Ctrl-C during the start is not lost.
    const stop = invocation.stopRequest()
    const configuration = await loadConfiguration(invocation.folder, values.config)
    const isMuted = values.mute === true
    const hasNoLink = !isMuted && !env.REPRISE_URL && Object.keys(configuration.channels).length > 0
    const isHidden = configuration.statusPage.public === undefined && readPageSettings(env).publicByDefault === 'none'
    await runMonitor({ configuration, capacity, isMuted }, invocation, ({ pageUrl, database, checks }) => {
      print(`The monitor runs${isMuted ? ', with alerts muted' : ''}.

  status page  ${pageUrl}
  database     ${database}

${checks}
${isHidden ? '\nThe status page is reached from other machines, and shows visitors nothing: release checks with statusPage.public.\n' : ''}${hasNoLink ? '\nAlerts have no link to the status page: set REPRISE_URL to its public URL.\n' : ''}
Ctrl-C stops it.
`)
      return stop
    })
    print('Stopped.')
    return 0
  },
}
