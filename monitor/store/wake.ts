/** Notifies the loops that wait for slots or messages, and the pages, in all processes, by LISTEN and NOTIFY. */
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { type Change, changeIn } from './changes.ts'

/** What there may be more of, or `changes` of what the pages show. */
export type Wake = 'slots' | 'messages' | 'changes'

const kinds: readonly Wake[] = ['slots', 'messages', 'changes']

export interface Listening {
  /** Resolves when the connection is closed. */
  stop(): Promise<void>
}

export async function wakeForSlots(client: pg.ClientBase): Promise<void> {
  await client.query(`select pg_notify('reprise', 'slots')`)
}

export async function wakeForMessages(client: pg.ClientBase): Promise<void> {
  await client.query(`select pg_notify('reprise', 'messages')`)
}

/** @param change For `changes`: what has changed. */
export type OnWake = (what: Wake, change: Change) => void

/**
 * Calls `wake` for each notification. Listens on its own connection, which is reopened when it is lost. After each
 * connect it calls `wake` for each kind, because notifications may have been missed. Never throws.
 */
export function listen(url: string, wake: OnWake): Listening {
  const stopping = new AbortController()
  const listening = keepListening(url, wake, stopping.signal)
  return {
    stop: () => {
      stopping.abort()
      return listening
    },
  }
}

async function keepListening(url: string, wake: OnWake, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    if (await listenOnce(url, wake, signal)) failures = 0
    const pauseMs = Math.min(5_000, 100 * 2 ** failures)
    await pause(pauseMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Resolves when the connection ends, with whether it was open. */
async function listenOnce(url: string, wake: OnWake, signal: AbortSignal): Promise<boolean> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'reprise monitor: listening',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  let lose = (): unknown => undefined
  const lost = new Promise<void>(resolve => {
    lose = () => resolve()
  })
  client.on('error', lose).on('end', lose)
  signal.addEventListener('abort', lose)
  client.on('notification', ({ payload = '' }) => {
    const change = changeIn(payload)
    const kind = change ? 'changes' : kinds.find(kind => kind === payload)
    if (kind) wake(kind, change ?? 'anything')
  })
  try {
    await client.connect()
    await client.query('listen reprise')
    for (const kind of kinds) wake(kind, 'anything')
    await lost
    return true
  } catch {
    return false
  } finally {
    signal.removeEventListener('abort', lose)
    await client.end().catch(() => undefined)
  }
}
