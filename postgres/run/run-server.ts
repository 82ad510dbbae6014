/** Asks the main process for the server of the run, from a worker. */
import { request } from 'node:http'
import path from 'node:path'
import type { DatabaseServer } from '../server.ts'
import { type EndpointResponse, endpointVariable, expectHere } from './run-endpoint.ts'

/** The server of the run, for the process of a worker. */
export interface WorkerServer extends DatabaseServer {
  /** Has the database dropped when this process has ended: until then, clients stay connected to it. */
  dropAfterExit(database: string): void
}

/**
 * Requests the server of the run; the first request starts it.
 * Throws if Playwright's config lacks the global setup, if the server does not start, or if it was lost.
 */
export async function requestRunServer(env: NodeJS.ProcessEnv = process.env): Promise<WorkerServer> {
  const address = env[endpointVariable]
  if (!address) {
    throw new Error(
      "There is no Postgres server for the tests: Reprise's global setup did not run. Add globalSetup: 'reprise/global-setup' to playwright.config.",
    )
  }
  const answer = await ask(address, '/server')
  if (!('url' in answer)) throw new Error(`The run's endpoint sent an unknown response: ${JSON.stringify(answer)}`)
  return {
    ...answer,
    holdTemplate: async name => {
      await ask(address, `/hold?template=${encodeURIComponent(name)}`)
    },
    failedBuilds: {
      find: async template => {
        const answer = await ask(address, `/failed-build?${new URLSearchParams({ template })}`)
        return ('failure' in answer && answer.failure) || undefined
      },
      add: async (template, failure, ms) => {
        await ask(
          address,
          `/build-failed?${new URLSearchParams({ template, failure: failure.slice(0, 5000), ms: String(ms) })}`,
        )
      },
    },
    takeSpare: async () => {
      const answer = await ask(address, '/spare')
      return ('spare' in answer && answer.spare) || undefined
    },
    discard: async database => {
      await ask(address, `/discard?database=${encodeURIComponent(database)}`)
    },
    dropAfterExit: database => holdOpen(address, `/until-exit?database=${encodeURIComponent(database)}`),
  }
}

/** The run's folder, for sockets; removed however the run ends. Undefined on Windows, where sockets have no folder. */
export function socketFolder(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const address = env[endpointVariable]
  return address && process.platform !== 'win32' ? path.dirname(address) : undefined
}

/**
 * Announces that a worker will probably ask for the server, so that it can start. Errors are reported to the request for the
 * server. Returns false if there is none to ask for.
 */
export function expectServer(env: NodeJS.ProcessEnv = process.env): boolean {
  const address = env[endpointVariable]
  if (!address) return false
  if (!expectHere(address)) ask(address, '/expect').catch(() => undefined)
  return true
}

/** Why the server of the run was lost, for a connection that broke; undefined, after up to a second, if it was not. */
export async function explainLostServer(env: NodeJS.ProcessEnv = process.env): Promise<Error | undefined> {
  const address = env[endpointVariable]
  const answer = address ? await ask(address, '/loss') : undefined
  return answer && 'loss' in answer && answer.loss !== null ? new Error(answer.loss) : undefined
}

function ask(address: string, path: string): Promise<EndpointResponse> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: address, path, method: 'POST', agent: false }, async response => {
      try {
        let text = ''
        for await (const chunk of response.setEncoding('utf8')) text += chunk
        const answer = JSON.parse(text) as EndpointResponse
        if ('error' in answer) reject(new Error(answer.error))
        else resolve(answer)
      } catch (error) {
        reject(error)
      }
    })
    outgoing.once('error', error => {
      reject(
        new Error(`The run's main process does not answer (${error.message}); it has probably ended.`, {
          cause: error,
        }),
      )
    })
    outgoing.end()
  })
}

/** Sends a request that is never answered: its end shows that this process has ended, however that happens. */
function holdOpen(address: string, path: string): void {
  const outgoing = request({ socketPath: address, path, method: 'POST', agent: false })
  outgoing.once('socket', socket => socket.unref())
  // The end of the run, or a main process that has ended: then everything is dropped.
  outgoing.once('error', () => undefined)
  outgoing.end()
}
