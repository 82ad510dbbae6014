/** Serves the workers of a run from the main process: HTTP over a unix socket that only this user can reach. */
import { createServer } from 'node:http'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { slowdown } from '../../processes/slowdown.ts'
import type { DatabaseServer, Server, Spare } from '../server.ts'

/** The environment variable with the endpoint's address, for the workers. */
export const endpointVariable = 'REPRISE_RUN'

/**
 * The body of a response: of `/server`, of `/expect`, `/hold`, `/discard` and `/build-failed`, of `/loss`, of `/failed-build`,
 * of `/spare`, and of any that fails.
 */
export type EndpointResponse =
  | Pick<DatabaseServer, 'url' | 'socketFolder' | 'runId'>
  | { done: string }
  | { loss: string | null }
  | { failure: string | null }
  | { spare: Spare | null }
  | { error: string }

export interface RunEndpoint {
  readonly address: string
  close(): Promise<void>
}

/** What the endpoint's requests call. */
export interface RunEndpointActions {
  /** Called for each request for the server; has to return the same server each time. */
  start(): Promise<Server>
  /** A worker will probably ask for the server. */
  expect(): Promise<void>
  /** Resolves with the spare database, to one call only. Never rejects. */
  takeSpare(): Promise<Spare | undefined>
}

/** How long after a worker's end its database is dropped, if the run goes on, in milliseconds. */
const dropDelay = 1000

/** That of this process, if it is open. */
let own: { address: string; expect(): Promise<void> } | undefined

/** Calls `expect` of the endpoint with this address if that is in this process, and returns whether it is. */
export function expectHere(address: string): boolean {
  if (own?.address !== address) return false
  const { expect } = own
  // After the code that runs now: starting processes takes time of this one.
  setImmediate(() => expect().catch(() => undefined))
  return true
}

/** Listens on a socket in the run's folder. */
export async function openRunEndpoint(folder: string, actions: RunEndpointActions): Promise<RunEndpoint> {
  const address = process.platform === 'win32' ? `\\\\.\\pipe\\${path.basename(folder)}-run` : path.join(folder, 'run')
  let asked: Promise<Watched> | undefined
  const watched = () => {
    asked ??= actions.start().then(watch)
    return asked
  }
  const failures = new Map<string, { failure: string; until: number }>()
  const http = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://run')
    if (url.pathname === '/build-failed' || url.pathname === '/failed-build') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(aboutBuild(url, failures)))
      return
    }
    if (url.pathname === '/until-exit') {
      // Not answered: the connection ends with the worker. At the end of the run everything is dropped anyway, and most workers
      // end with it.
      request.socket.once('close', () => {
        const drop = () => {
          if (http.listening) asked?.then(({ server }) => server.discard(databaseIn(url))).catch(() => undefined)
        }
        setTimeout(drop, dropDelay).unref()
      })
      return
    }
    const answer = await answerTo(url, watched, () => asked, actions).catch(
      (error: Error): EndpointResponse => ({ error: error.message }),
    )
    response
      .writeHead('error' in answer ? 500 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve, reject) => http.once('error', reject).listen(address, resolve))
  http.unref()
  own = { address, expect: actions.expect }
  return {
    address,
    close: () =>
      new Promise(resolve => {
        own = undefined
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
}

/** A restarted worker would wait for what has failed after a minute, such as a command that hangs, with each of its tests. */
function aboutBuild(
  { pathname, searchParams }: URL,
  failures: Map<string, { failure: string; until: number }>,
): EndpointResponse {
  const template = searchParams.get('template') ?? ''
  if (pathname === '/failed-build') {
    const found = failures.get(template)
    return { failure: found && found.until > performance.now() ? found.failure : null }
  }
  const until = performance.now() + Number(searchParams.get('ms'))
  failures.set(template, { failure: searchParams.get('failure') ?? '', until })
  return { done: pathname }
}

interface Watched {
  readonly server: Server
  loss?: Error
}

function watch(server: Server): Watched {
  const watched: Watched = { server }
  server.lost.then(loss => {
    watched.loss = loss
  })
  return watched
}

async function answerTo(
  url: URL,
  watched: () => Promise<Watched>,
  asked: () => Promise<Watched> | undefined,
  { expect, takeSpare }: RunEndpointActions,
): Promise<EndpointResponse> {
  const { pathname, searchParams } = url
  if (pathname === '/loss') return { loss: await lossOf(await asked()) }
  if (pathname === '/expect') {
    await expect()
    return { done: pathname }
  }
  if (pathname === '/spare') return { spare: (await takeSpare()) ?? null }
  const { server, loss } = await watched()
  if (loss) throw loss
  if (pathname === '/server') return { url: server.url, socketFolder: server.socketFolder, runId: server.runId }
  if (pathname === '/discard') await server.discard(databaseIn(url))
  else await server.holdTemplate(searchParams.get('template') ?? '')
  return { done: pathname }
}

const databaseIn = ({ searchParams }: URL): string => searchParams.get('database') ?? ''

// A worker may notice its broken connection before this process knows the cause.
const noticeTimeout = 1000

async function lossOf(watched: Watched | undefined): Promise<string | null> {
  if (!watched) return null
  const loss = await Promise.race([watched.server.lost, delay(noticeTimeout * slowdown(), undefined, { ref: false })])
  return loss?.message ?? null
}
