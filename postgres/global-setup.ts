/** Playwright's global setup: opens the run and its endpoint. The server starts when a test asks for it, or will probably do so. */
import { openRun } from './run/run.ts'
import { endpointVariable, openRunEndpoint } from './run/run-endpoint.ts'
import type { Server, Spare } from './server.ts'

/** Returns the teardown, or nothing if there is nothing to tear down. The teardown throws an error with what it could not remove. */
export default async function globalSetup(): Promise<(() => Promise<void>) | undefined> {
  // Against a deployed environment no test needs a server.
  if (process.env.REPRISE_TARGET) return undefined
  // Each request for the server gets the error.
  const planned = plan()
  planned.catch(() => undefined)
  const run = await openRun()
  let server: Promise<Server> | undefined
  let spare: Promise<Spare | undefined> | undefined
  const start = () => {
    // A failed start is not retried: every request gets the same error.
    server ??= planned.then(({ startServer, provider }) => startServer({ provider, run }))
    return server
  }
  const takeSpare = async () => {
    const taken = spare
    spare = undefined
    return taken
  }
  const expect = async () => {
    const { provider } = await planned
    // The error is for the requests.
    if (!provider.startsAhead || server) return
    const started = await start().catch(() => undefined)
    // While the worker loads its code. Without a spare, the worker creates a database.
    if (started) spare = spareOf(started).catch(() => undefined)
  }
  const endpoint = await openRunEndpoint(run.folder, { start, expect, takeSpare })
  // Playwright loads the specs next. In a CommonJS project, `require` fails for a module that an import is still loading.
  await planned.catch(() => undefined)
  process.env[endpointVariable] = endpoint.address
  return async () => {
    delete process.env[endpointVariable]
    await endpoint.close()
    // A server that is starting has to be stopped as well.
    const started = await server?.catch(() => undefined)
    await (started ? started.stop() : run.end())
  }
}

async function spareOf(server: Server): Promise<Spare | undefined> {
  const { createSpare } = await import('./templates/spare.ts')
  return createSpare(server)
}

async function plan() {
  const [{ startServer }, { chooseProvider }] = await Promise.all([
    import('./server.ts'),
    import('./providers/provider.ts'),
  ])
  return { startServer, provider: chooseProvider(process.env.REPRISE_POSTGRES) }
}
