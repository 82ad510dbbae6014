/** Starts the Postgres server that a run works on, whichever way it is provided. */
import { chooseProvider, type Provider } from './providers/provider.ts'
import { openRun, type Run } from './run/run.ts'

/** What a worker needs to know of the server of its run. */
export interface DatabaseServer {
  /** Connection URL of a maintenance database, as a role that may create databases. */
  readonly url: string
  /** The folder of its unix socket, if this machine has one. */
  readonly socketFolder?: string | undefined
  /** Names the run; every database that the run creates carries it. */
  readonly runId: string
  /** Keeps a template from being dropped by another run until this run ends. */
  holdTemplate(name: string): Promise<void>
  /** Has a database dropped soon, at the latest when the run ends. Does not wait for it. */
  discard(database: string): Promise<void>
}

/** A server that this process started (or, for an existing one, entered). */
export interface Server extends DatabaseServer {
  /** Resolves, with the reason, if the server is lost before `stop` is called. Never rejects. */
  readonly lost: Promise<Error>
  /** Removes all that the run left: processes, folders, containers, databases. Throws an error that names what could not be removed. */
  stop(): Promise<void>
}

export interface ServerOptions {
  /** The value of `REPRISE_POSTGRES`: `embedded` (default), `testcontainers` or a `postgres://` URL. */
  provider?: string | Provider | undefined
  /** A run that is open already, whose owner also ends it when the server does not start; by default `startServer` opens one. */
  run?: Run
}

/**
 * Starts the server of a run. Should this process die, by whatever signal, a watchdog undoes everything.
 * Throws one error that says what is wrong and what to do; nothing is left behind then.
 */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const provider = typeof options.provider === 'object' ? options.provider : chooseProvider(options.provider)
  const run = options.run ?? (await openRun())
  try {
    // Before the provider works, so that the watchdog starts beside it.
    run.watchdog()
    const { url, socketFolder, explainLoss } = await provider.start(run)
    // On demand, since the database driver takes its time to load; the provider has loaded it meanwhile.
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
        stopped ??= runLock.release().then(() => run.end())
        return stopped
      },
    }
  } catch (error) {
    // The reason of the failed start is worth more than that of a failed clean-up.
    if (!options.run) await run.end().catch(() => undefined)
    throw error
  }
}
