/** Requests the watchdog's URL as long as this instance works, so that another monitor notices when it does not. */
import { reveal } from '../../environment/secrets/secret.ts'
import type { Watchdog } from '../config/configuration.ts'
import { resolvableForFetch } from '../resolvable-name.ts'
import { type Loop, startLoop } from './loop.ts'

export interface WatchdogOptions {
  /** Of the active configuration; undefined: there is none. */
  watchdog(): Watchdog | undefined
  env: NodeJS.ProcessEnv
  /** Throws the database's errors. */
  askDatabase(): Promise<unknown>
  /** Why this instance does not work; undefined: it does. */
  illness(): string | undefined
  /** Ends a request that is under way. */
  stopping: AbortSignal
  /** The pause after it did not work, in milliseconds; by default a second. */
  afterFailureMs?: number
  onError(error: Error): void
  onDone(): void
}

/** Without a watchdog, how soon the configuration is looked at again. */
const idleMs = 10_000
const patienceMs = 10_000
/** After a failed request, at most. */
const restMs = 10_000

export function startWatchdog({
  watchdog,
  env,
  askDatabase,
  illness,
  stopping,
  afterFailureMs,
  ...events
}: WatchdogOptions): Loop {
  // A process that ends again and again requests nothing.
  let last = performance.now()
  return startLoop({
    afterFailureMs,
    onError: events.onError,
    work: async () => {
      const configured = watchdog()
      if (!configured) return idleMs
      const waitMs = last + configured.everyMs - performance.now()
      if (waitMs > 0) return waitMs
      const ill = illness()
      if (ill !== undefined) throw new Error(`This instance does not work: ${ill}.`)
      await askDatabase()
      try {
        await request(configured, env, stopping)
      } catch (error) {
        if (stopping.aborted) return idleMs
        events.onError(error as Error)
        // Its receiver may allow a few requests a minute.
        return Math.min(configured.everyMs, restMs)
      }
      events.onDone()
      last = performance.now()
      return configured.everyMs
    },
  })
}

/** Its URL is a secret, which the errors of `fetch` do not have. */
async function request({ url, token }: Watchdog, env: NodeJS.ProcessEnv, stopping: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([AbortSignal.timeout(patienceMs), stopping])
  const target = reveal(url, env)
  const headers = token !== undefined && { headers: { authorization: `Bearer ${reveal(token, env)}` } }
  const send = async () => {
    await resolvableForFetch(new URL(target).hostname, signal)
    return fetch(target, { method: 'POST', redirect: 'manual', signal, ...headers })
  }
  const response = await send().catch((error: Error) => {
    const reason = error.name === 'TimeoutError' ? `no answer in ${patienceMs / 1000} s` : codeOf(error)
    throw new Error(
      `The URL of the watchdog cannot be reached: ${reason}. Correct watchdog.url, or start its receiver.`,
    )
  })
  await response.body?.cancel()
  if (!response.ok)
    throw new Error(`The URL of the watchdog answered ${response.status}: correct watchdog.url or watchdog.token.`)
}

const codeOf = (error: Error) => String(Object(error.cause).code ?? Object(error).code ?? error.message)
