/** The service of the monitor: plans, claims and replays slots, records the results, and delivers alerts. */
import { availableParallelism, hostname } from 'node:os'
import path from 'node:path'
import type { Channel } from '../alerts/channels.ts'
import { recordReplayedCertificates } from '../certificates/replayed-certificates.ts'
import type { Configuration } from '../config/configuration.ts'
import type { KeptEvidence } from '../evidence/evidence.ts'
import type { OwnMetrics } from '../metrics/own-metrics.ts'
import type { Change } from '../store/changes.ts'
import { databaseTime } from '../store/check-locations.ts'
import type { Send } from '../store/outbox.ts'
import { openPagePool, openPool } from '../store/pool.ts'
import { migrate } from '../store/schema.ts'
import { openSpool } from '../store/spool.ts'
import { listen } from '../store/wake.ts'
import { openTraceExport } from '../traces/trace-export.ts'
import { utcText } from '../utc-text.ts'
import { openActiveConfiguration } from './active-configuration.ts'
import { startAlertLoops } from './alert-loops.ts'
import type { CompiledConfiguration } from './compiled-configuration.ts'
import { watchConfiguration } from './configuration-watch.ts'
import { startHeartbeatWatch } from './heartbeat-watch.ts'
import { startHousekeeping } from './housekeeping.ts'
import { beatEveryMs, startInstanceHeartbeat } from './instance-heartbeat.ts'
import { startLoop } from './loop.ts'
import { LostDatabase } from './lost-database.ts'
import { startNotices } from './notices.ts'
import { operation, watchOperations } from './operations.ts'
import { openResults } from './results.ts'
import { startRuns } from './runs.ts'
import { createSelfWatch } from './self-watch.ts'
import { openServiceEvidence } from './service-evidence.ts'
import { StartedParts } from './started-parts.ts'
import { type AnnounceState, createStateAnnouncer } from './state-announcer.ts'
import { traceReports } from './trace-reports.ts'
import { troubleSender } from './trouble-sender.ts'
import { startWatchdog } from './watchdog.ts'

export interface ServiceOptions {
  configuration: Configuration
  /** Of the monitor's own database. */
  databaseUrl: string
  /** The location of this instance, whose checks it replays. */
  location: string
  /** How many replays it may run at one time. */
  capacity: number
  env: NodeJS.ProcessEnv
  /**
   * Creates the sender of these channels; `muted`: this instance creates no alerts of failures, and leaves the outbox to
   * others.
   */
  senderOf: ((channels: Readonly<Record<string, Channel>>) => Send) | 'muted'
  /** A check's state has changed, or was read for the first time. */
  onStateChange: AnnounceState
  /** What the pages show may have changed, by any instance. */
  onChange?(change: Change): void
  /** Another configuration is active. */
  onConfiguration(configuration: Configuration): void
  /** An operation fails, or works again; the service goes on. */
  complain(text: string): void
  /**
   * While it stops: the runs have ended, and heartbeats are not judged any more, so that no request has to be answered from now
   * on. `pool` can be used until it resolves.
   */
  onRunsEnded?(): Promise<void>
  metrics?: OwnMetrics
}

export interface Service {
  /** For the pages: not the one of the monitoring. */
  readonly pool: ReturnType<typeof openPagePool>
  /** The active configuration. */
  current(): CompiledConfiguration
  /** For the pages, on the same pool. */
  readonly evidence: Pick<KeptEvidence, 'find'>
  /**
   * Stops in order: runs may go on for `graceMs`, then they are asked to end; slots that were not started return to the
   * queue.
   */
  stop(graceMs: number): Promise<void>
}

/** Throws a `ConfigurationError` for secrets that are not set, and the database's errors if it cannot be used. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { configuration, databaseUrl, location, capacity, env, complain, senderOf, onRunsEnded, metrics } = options
  const isMuted = senderOf === 'muted'
  const { watched, health, troubles } = watchOperations(complain)
  /** Ends requests to others that are under way, so that they do not delay the stop. */
  const stopping = new AbortController()
  // Started from top to bottom, stopped from bottom to top.
  const parts = new StartedParts()
  const stop = (graceMs: number) => {
    stopping.abort()
    return parts.stop(graceMs)
  }
  try {
    const pool = parts.add(openPool(databaseUrl), pool => pool.end())
    const pages = parts.add(openPagePool(databaseUrl), pages => pages.end())
    await migrate(pool, undefined, { onSlow: complain })

    const active = parts.add(
      await openActiveConfiguration({
        pool,
        configuration,
        env,
        isMuted,
        complain,
        ...watched(operation.planning),
      }),
      active => active.close(),
    )
    const isInMaintenance = Object.assign((check: string, at: Date) => active.current().isInMaintenance(check, at), {
      isMuted,
    })

    const heartbeat = parts.add(
      await startInstanceHeartbeat(pool, { location, capacity, isMuted }, isInMaintenance),
      heartbeat => heartbeat.leave().catch(() => undefined),
    )

    const folder = path.join(path.dirname(configuration.file), '.reprise/monitor/results')
    const recording = watched(operation.recordingResults)
    const keeping = watched('Results cannot be written to disk, so they wait in memory')
    const results = parts.add(
      openResults({ pool, spool: openSpool(folder), isInMaintenance, recording, keeping, complain }),
      async results => {
        await results.catchUp().catch(recording.onError)
        const lost = results.unkept().map(({ check, due }) => `${check}, due at ${utcText(due)}`)
        if (lost.length > 0)
          complain(`Results lost, because neither the database nor the disk accepts them: ${lost.join('; ')}.`)
      },
    )

    const tracing = watched('Replays cannot be exported as traces, so spans are dropped')
    const traceExport = await openTraceExport(env, complain, traceReports(tracing, metrics))

    const alerts =
      senderOf === 'muted'
        ? undefined
        : startAlertLoops({ pool, current: active.current, isInMaintenance, senderOf, watched, complain })
    const announceStates = createStateAnnouncer(pool, options.onStateChange)
    const lostDatabase = parts.add(
      new LostDatabase({
        instance: `${hostname()} in ${location}`,
        sender: () => (senderOf === 'muted' ? undefined : troubleSender(active.current(), senderOf)),
      }),
      lostDatabase => lostDatabase.stop(),
    )
    const beat = createSelfWatch({ pool, heartbeat, isMuted, troubles, lostDatabase })
    const heartbeatLoop = startLoop({
      ...watched(operation.beating),
      work: async () => {
        await beat()
        await results.catchUp()
        await announceStates()
        return beatEveryMs
      },
    })
    // Until then, jobs can report to the page.
    parts.add(onRunsEnded, onEnded => onEnded?.())
    parts.add(
      startHeartbeatWatch({
        ...watched(operation.watchingHeartbeats),
        ...{ pool, isInMaintenance, isMuted },
        instance: () => heartbeat.instance().id,
        heartbeats: () => active.current().heartbeats.all,
      }),
      watch => watch.stop(),
    )
    /** Until there are runs, a notification needs nothing: they begin by looking for slots. */
    let wakeRuns: () => void = () => undefined
    const listening = listen(databaseUrl, (what, change) => {
      if (what === 'slots') wakeRuns()
      else if (what === 'messages') alerts?.wake()
      else options.onChange?.(change)
    })
    parts.add([...(alerts ? [alerts] : []), heartbeatLoop, listening], stopTogether)

    const evidence = parts.add(
      openServiceEvidence(
        { pool, env, configuration: () => active.current().configuration },
        pages,
        watched('Evidence cannot be moved to its store, so it waits on disk'),
      ),
      evidence => evidence.stop(),
    )

    const traces = parts.add(traceExport, traces => traces?.close())

    const reporting = watched('The report of a run could not be written')
    const runs = parts.add(
      startRuns({
        ...watched(operation.claiming),
        pool,
        heartbeat,
        ofEnvironment: { usual: 4, most: 8, stillMs: 10_000 },
        ending: watched(operation.endingRuns),
        mostBeginning: Math.max(2, availableParallelism()),
        compiled: active.current,
        env,
        record: async result => {
          const environment = active
            .current()
            .configuration.checks.find(({ name }) => name === result.check)?.environment
          if (environment !== undefined && !result.isAgain) metrics?.replayed({ ...result, environment })
          await results.take(result)
        },
        onStart: lagMs => metrics?.started(lagMs),
        onCertificates: async (environment, certificates) => {
          const { certificates: rules } = active.current().configuration
          if (!isMuted) await recordReplayedCertificates(pool, environment, certificates, { rules, isInMaintenance })
        },
        onDocument: document => traces?.take(document),
        onEnd: () => {
          heartbeatLoop.wake()
          evidence.wake()
        },
        onReport: failure => (failure ? reporting.onError(failure) : reporting.onDone()),
        complain,
      }),
      async (runs, graceMs) => {
        await runs.stop(graceMs)
        // If the database is unreachable, other instances return the slots when this one's heartbeat is too old.
        await heartbeat.handBack().catch(() => undefined)
      },
    )

    wakeRuns = () => runs.wake()

    // Stops planning before the last runs end.
    parts.add(active, active => active.stop())

    const watch = await watchConfiguration({
      file: configuration.file,
      apply: async next => {
        await active.replace(next)
        // Slots of new checks could not be claimed before.
        runs.wake()
        // Channels may have been added or removed.
        alerts?.wake()
        options.onConfiguration(next)
      },
      onFault: ({ message }) => complain(`The earlier configuration stays in force. ${message}`),
      ...watched('The changed configuration cannot be activated'),
    })
    // A muted instance must not keep another monitor from noticing that alerts are not sent.
    if (!isMuted) {
      const watchdog = startWatchdog({
        ...watched('The watchdog is not requested'),
        watchdog: () => active.current().configuration.watchdog,
        ...{ env, askDatabase: () => databaseTime(pool), illness: health.illness, stopping: stopping.signal },
      })
      parts.add(watchdog, watchdog => watchdog.stop())
    }
    const housekeeping = startHousekeeping({
      ...{ pool, env, watched, complain, stopping: stopping.signal },
      compiled: active.current,
      removeOldEvidence: evidence.removeOld,
    })
    const notices = startNotices({
      ...{ pool, isInMaintenance, watched, stopping: stopping.signal },
      compiled: active.current,
      hasSwept: housekeeping.hasSwept,
    })
    parts.add([watch, housekeeping, notices], stopTogether)

    return { pool: pages, current: active.current, evidence: evidence.shown, stop }
  } catch (error) {
    await stop(0)
    throw error
  }
}

const stopTogether = (parts: readonly { stop(): Promise<unknown> }[]) => Promise.all(parts.map(part => part.stop()))
