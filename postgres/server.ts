/** Starts the Postgres server of a run with the chosen provider. */
import { chooseProvider, type Provider } from './providers/provider.ts'
import { openRun, type Run } from './run/run.ts'

/** A database of the run that is not used yet. */
export interface Spare {
  readonly name: string
  /** The SQL that was run in it. */
  readonly functions: string
}

/** Remembers for a time why a template could not be built. */
interface FailedBuilds {
  find(template: string): Promise<string | undefined>
  /** @param ms How long to remember it. */
  add(template: string, failure: string, ms: number): Promise<void>
}

/** The server of the run, as a worker uses it. */
export interface DatabaseServer {
  /** Connection URL of a maintenance database, as a role that may create databases. */
  readonly url: string
  /** The folder of its unix socket, if this machine has one. */
  readonly socketFolder?: string | undefined
  /** Identifies the run; it is part of the name of each database that the run creates. */
  readonly runId: string
  /** Keeps a template from being dropped by another run until this run ends. */
  holdTemplate(name: string): Promise<void>
  /** The failures of slow builds, for the other workers of the run; undefined where there are none. */
  readonly failedBuilds?: FailedBuilds
  /** Resolves with the spare database of the run to the first call, and with undefined to any other, or where there is none. */
  takeSpare?(): Promise<Spare | undefined>
  /** Queues a database to be dropped, at the latest when the run ends. Does not wait for it. */
  discard(database: string): Promise<void>
}

/** A server that this process started, or, for an existing one, connected to. */
export interface Server extends DatabaseServer {
  /** Resolves, with the reason, if the server is lost before `stop` is called. Never rejects. */
  readonly lost: Promise<Error>
  /** Removes everything the run created: processes, folders, containers, databases. Throws an error with what could not be removed. */
  stop(): Promise<void>
}

export interface ServerOptions {
  /** The value of `REPRISE_POSTGRES`: `embedded` (default), `testcontainers` or a `postgres://` URL. */
  provider?: string | Provider | undefined
  /** An open run, which its owner ends also when the server does not start; by default `startServer` opens one. */
  run?: Run
}

/**
 * Starts the server of a run. If this process dies, by any signal, the watchdog cleans up.
 * Throws one error with the cause and the remedy, after cleaning up.
 */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const provider = typeof options.provider === 'object' ? options.provider : chooseProvider(options.provider)
  const run = options.run ?? (await openRun())
  try {
    // Before the provider starts, so that the watchdog starts in parallel.
    run.watchdog()
    const { url, socketFolder, explainLoss } = await provider.start(run)
    // Imported late: the database driver loads slowly, and the provider has loaded it by now.
    const { takeRunLock } = await import('./run/run-lock.ts')
    const runLock = await takeRunLock(url, run.id)
    let stopped: Promise<void> | undefined
    return {
      url,
      socketFolder,
      runId: run.id,
      lost: runLock.lost.then(explainLoss),
      holdTemplate: runLock.holdTemplate,
      discard: async database => runLock.discard(database),
      stop: () => {
        // The watchdog waits for the lock where it matters.
        stopped ??= Promise.all([runLock.release(), run.end()]).then(() => undefined)
        return stopped
      },
    }
  } catch (error) {
    // The error of the start matters more than one of the clean-up.
    if (!options.run) await run.end().catch(() => undefined)
    throw error
  }
}
