/** Starts a `postgres` process on a data folder, and reports why it ended. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { slowdown } from '../../../processes/slowdown.ts'
import { withClient } from '../../connection.ts'
import type { Watchdog } from '../../run/watchdog.ts'
import type { Provision } from '../provision.ts'
import { programEnvironment } from './program.ts'
import type { Account } from './service-account.ts'

export interface PostmasterOptions {
  readonly program: string
  readonly password: string
  readonly dataFolder: string
  /** Arguments for the program. */
  settings(place: { port: number }): string[]
  readonly logFile: string
  readonly account: Account | undefined
  readonly watchdog: Watchdog
  /** Default: a free port. */
  readonly port?: number | undefined
}

export interface Postmaster extends Omit<Provision, 'socketFolder'> {
  /** Resolves when the process has ended. */
  readonly ended: Promise<unknown>
}

/** Resolves when the server accepts connections. Throws an error with its last log lines if it does not start. */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort())
    const launched = launch(options, port)
    const url = postmasterUrl(port, options.password)
    const failure = await untilReady(url, launched)
    if (failure === undefined) {
      return {
        url,
        ended: launched.ended,
        explainLoss: cause => explainLoss(launched, options.logFile, cause),
      }
    }
    const log = lastLines(options.logFile)
    // Another process may bind the port before the server does.
    if (options.port === undefined && attempt < 5 && log.includes('Address already in use')) continue
    throw new Error(`The embedded Postgres did not start (${failure}). The end of its log:\n${log}`)
  }
}

interface Launched {
  /** How the process ended, set when it has. */
  end?: string
  readonly ended: Promise<unknown>
}

function launch(options: PostmasterOptions, port: number): Launched {
  const log = openSync(options.logFile, 'a', 0o600)
  options.watchdog.send({ undo: 'postmaster', dataFolder: options.dataFolder })
  const child = spawn(
    options.program,
    ['-D', options.dataFolder, ...options.settings({ port })],
    // In a separate process group: Ctrl-C is for the run, which needs its server for the teardown.
    {
      cwd: options.dataFolder,
      detached: true,
      env: programEnvironment(),
      stdio: ['ignore', log, log],
      windowsHide: true,
      ...options.account,
    },
  )
  closeSync(log)
  child.unref()
  options.watchdog.send({ undo: 'postmaster', dataFolder: options.dataFolder, pid: child.pid })
  const launched: Launched = {
    ended: new Promise<void>(resolve => {
      child.once('error', error => {
        launched.end = error.message
        resolve()
      })
      child.once('exit', (code, signal) => {
        launched.end = signal === null ? `exit code ${code}` : `killed by ${signal}`
        resolve()
      })
    }),
  }
  return launched
}

export function postmasterUrl(port: number, password: string): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
}

/** For a server that hangs; one that ends is noticed at once. In milliseconds. */
const startTimeout = 120_000

async function untilReady(url: string, launched: Launched): Promise<string | undefined> {
  const deadline = Date.now() + startTimeout
  while (launched.end === undefined) {
    try {
      await withClient(url, async () => undefined)
      return undefined
    } catch (error) {
      if (Date.now() > deadline) return `no answer within ${startTimeout / 1000} s: ${(error as Error).message}`
    }
    await delay(3)
  }
  return launched.end
}

async function explainLoss(launched: Launched, logFile: string, cause: Error): Promise<Error> {
  // The connection may break shortly before the process exits.
  await Promise.race([launched.ended, delay(1000 * slowdown(), undefined, { ref: false })])
  return new Error(
    `The embedded Postgres ended during the run (${launched.end ?? cause.message}). The end of its log:\n${lastLines(logFile)}`,
    { cause },
  )
}

function lastLines(logFile: string): string {
  try {
    return readFileSync(logFile, 'utf8').trim().split('\n').slice(-10).join('\n')
  } catch (error) {
    return `(no log: ${(error as Error).message})`
  }
}

/** A TCP port on 127.0.0.1 that is free at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port)
        else reject(new Error('The system gave no free port on 127.0.0.1.'))
      })
    })
  })
}
