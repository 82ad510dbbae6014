/** Runs a monitor: its database, its service and its status page, until it is asked to stop. */
import path from 'node:path'
import { senderOf } from '../monitor/alerts/sender.ts'
import { type Configuration, defaultLocation } from '../monitor/config/configuration.ts'
import { createOwnMetrics, type OwnMetrics } from '../monitor/metrics/own-metrics.ts'
import { openReportListener } from '../monitor/reports/report-listener.ts'
import { readReportSettings } from '../monitor/reports/report-settings.ts'
import { type Reports, serveReports } from '../monitor/reports/reports.ts'
import { createErrorLog, type ErrorLog } from '../monitor/service/error-log.ts'
import { type Service, startService } from '../monitor/service/service.ts'
import { readOperatorSettings } from '../monitor/status-page/access/operator-settings.ts'
import { createChangeFeed } from '../monitor/status-page/change-feed.ts'
import { openPageServer } from '../monitor/status-page/page-server.ts'
import { readPageSettings } from '../monitor/status-page/page-settings.ts'
import { createStatusPage, type StatusPageDependencies } from '../monitor/status-page/status-page.ts'
import type { Send } from '../monitor/store/outbox.ts'
import { painter } from './colours.ts'
import type { Invocation } from './command.ts'
import { type MonitorDatabase, withMonitorDatabase } from './monitor-database.ts'
import { checksText, turnText, unmetLines } from './monitor-lines.ts'
import { printedLater } from './printed-later.ts'

/** How long running replays may continue after a request to stop, in milliseconds. */
const grace = 20_000

export interface MonitorSettings {
  configuration: Configuration
  capacity: number
  /** It creates no alerts of failures and delivers none. */
  isMuted: boolean
  /** Without REPRISE_URL, alerts link to the page's URL on this machine. */
  linksToPage?: boolean
}

export interface RunningMonitor {
  /** The URL of the status page on this machine. */
  readonly pageUrl: string
  /** A description of its database, for messages. */
  readonly database: string
  /** A list of its checks, for messages. */
  readonly checks: string
}

/**
 * Resolves when `until` has resolved and everything is stopped in order. Throws if it cannot start, and what `until` throws,
 * after stopping.
 */
export async function runMonitor(
  { configuration, capacity, isMuted, linksToPage = false }: MonitorSettings,
  { env, colours, print, complain }: Pick<Invocation, 'env' | 'colours' | 'print' | 'complain'>,
  until: (monitor: RunningMonitor) => Promise<unknown>,
): Promise<void> {
  const location = env.REPRISE_LOCATION || defaultLocation
  const paint = painter(colours)
  const errorLog = createErrorLog(complain)
  const settings = readPageSettings(env)
  const operators = readOperatorSettings(env)
  const reportSettings = readReportSettings(env)
  const page = await openPageServer(settings)
  const listener = await openReportListener(reportSettings).catch(async error => {
    await page.close()
    throw error
  })
  const link = settings.publicUrl ?? (linksToPage ? page.url : undefined)
  const changes = createChangeFeed()
  const states = printedLater(print)
  const metrics = createOwnMetrics()
  const monitorWith = async (database: MonitorDatabase) => {
    let reports: Reports | undefined
    const service = await startService({
      configuration,
      databaseUrl: database.url,
      location,
      capacity,
      env,
      senderOf: isMuted
        ? 'muted'
        : channels => counted(watched(senderOf(channels, env, link, complain), errorLog), metrics),
      onStateChange: (check, reason) => states.print(turnText(check, paint, reason)),
      onChange: changes.announce,
      onConfiguration: next => {
        changes.announce('anything')
        print(`The changed configuration is active.\n\n${checksText(next, env, location)}\n`)
        for (const line of unmetLines(next, env)) complain(line)
      },
      complain,
      // Jobs report their heartbeats to the page.
      onRunsEnded: async () => {
        changes.close()
        await Promise.all([page.close(), listener.close()])
        reports?.close()
      },
      metrics,
    })
    for (const line of unmetLines(configuration, env)) complain(line)
    try {
      reports = await serveReports({
        ...service,
        ...{
          listener,
          settings: reportSettings,
          allowedHosts: settings.allowedHosts,
          folder: path.dirname(configuration.file),
        },
        onError: error => errorLog.begin('A report could not be served', error),
      })
      const parts = { ...settings, operators, changes, metrics, reports: reports.desk }
      page.show(statusPageOf(service, parts, errorLog))
      const checks = checksText(configuration, env, location)
      const ending = until({ pageUrl: page.url, database: database.description, checks })
      states.begin()
      await ending
    } finally {
      print('Stopping: waiting for running replays.')
      await service.stop(grace)
    }
  }
  try {
    await withMonitorDatabase(env, path.dirname(configuration.file), monitorWith, {
      onLoss: error => errorLog.begin(isDown, error),
      onReturn: () => errorLog.end(isDown),
    })
  } finally {
    await Promise.all([page.close(), listener.close()])
  }
}

const isDown = "The monitor's database server is down and is being restarted"

/** Reports once when deliveries to a channel begin to fail, and once when they work again. */
function watched(send: Send, errorLog: ErrorLog): Send {
  return async delivery => {
    const what = `Alerts to ${delivery.channel} fail and are retried`
    try {
      await send(delivery)
    } catch (error) {
      errorLog.begin(what, error as Error)
      throw error
    }
    errorLog.end(what)
  }
}

function counted(send: Send, metrics: OwnMetrics): Send {
  return async delivery => {
    const attempt = { channel: delivery.channel, kind: delivery.message.kind }
    try {
      await send(delivery)
    } catch (error) {
      metrics.delivered({ ...attempt, isAccepted: false })
      throw error
    }
    metrics.delivered({ ...attempt, isAccepted: true })
  }
}

type PageParts = Pick<
  StatusPageDependencies,
  'operators' | 'publicUrl' | 'allowedHosts' | 'publicByDefault' | 'changes' | 'metrics' | 'reports'
>

function statusPageOf({ pool, current }: Service, parts: PageParts, errorLog: ErrorLog) {
  return createStatusPage({
    pool,
    current,
    ...parts,
    onError: error => errorLog.begin('The status page could not be rendered', error),
  })
}
