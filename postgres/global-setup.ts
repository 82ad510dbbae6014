/** Playwright's global setup: opens the run, so that its first test that needs a server gets one started. Starts no server itself. */
import { openRun } from './run/run.ts'
import { endpointVariable, openRunEndpoint } from './run/run-endpoint.ts'
import type { Server } from './server.ts'

/** Returns the teardown, if there is anything to tear down; it throws an error that names whatever could not be removed. */
export default async function globalSetup(): Promise<(() => Promise<void>) | undefined> {
  // Against a deployed environment no test needs a server.
  if (process.env.REPRISE_TARGET) return undefined
  const run = await openRun()
  let server: Promise<Server> | undefined
  let preparing: Promise<void> | undefined
  // Loaded while the first worker starts; a failure is told to whoever asks for the server.
  const planned = plan()
  planned.catch(() => undefined)
  const endpoint = await openRunEndpoint(run.folder, {
    start: () => {
      // A failed start is not repeated: every request gets the same error.
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
    // Nothing may be made in a folder that is being removed.
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
