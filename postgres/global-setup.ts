/** Playwright's global setup: opens the run and its endpoint. The server starts when the first test asks for it. */
import { openRun } from './run/run.ts'
import { endpointVariable, openRunEndpoint } from './run/run-endpoint.ts'
import type { Server } from './server.ts'

/** Returns the teardown, or nothing if there is nothing to tear down. The teardown throws an error with what it could not remove. */
export default async function globalSetup(): Promise<(() => Promise<void>) | undefined> {
  // Against a deployed environment no test needs a server.
  if (process.env.REPRISE_TARGET) return undefined
  const run = await openRun()
  let server: Promise<Server> | undefined
  let preparing: Promise<void> | undefined
  // Loads while the first worker starts; each request for the server gets the error.
  const planned = plan()
  planned.catch(() => undefined)
  const endpoint = await openRunEndpoint(run.folder, {
    start: () => {
      // A failed start is not retried: every request gets the same error.
      server ??= planned.then(({ startServer, provider }) => startServer({ provider, run }))
      return server
    },
    expect: async () => {
      const { provider } = await planned
      run.watchdog()
      preparing = provider.prepare(run)
      await preparing
    },
  })
  process.env[endpointVariable] = endpoint.address
  return async () => {
    delete process.env[endpointVariable]
    await endpoint.close()
    const started = await server?.catch(() => undefined)
    // The folder must not be removed while files are being created in it.
    await preparing
    await (started ? started.stop() : run.end())
  }
}

async function plan() {
  const [{ startServer }, { chooseProvider }] = await Promise.all([
    import('./server.ts'),
    import('./providers/provider.ts'),
  ])
  return { startServer, provider: chooseProvider(process.env.REPRISE_POSTGRES) }
}
