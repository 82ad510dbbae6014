/** Defines the requests of the clean-up: GETs and removals. */

/** A request's own headers for authorization, beside the environment's; kept in memory only. */
export interface Rights {
  /** The only origin to which they are sent. */
  origin: string
  headers: Readonly<Record<string, string>>
}

export interface CleanupRequest {
  method: string
  /** With the values of its secrets. */
  url: string
  /** The replay that it cleans up after. */
  replay: string
  headers?: Readonly<Record<string, string>>
  body?: unknown
  form?: Readonly<Record<string, string>>
  /** They override the environment's headers of the same name. */
  rights?: Rights
}

export interface CleanupResponse {
  status: number
  headers: Readonly<Record<string, string>>
  body: string
}

/** Sends a request to the environment, with its headers, without following redirects. Throws if there is no response. */
export type Send = (request: CleanupRequest) => Promise<CleanupResponse>

/** Sends until the signal is aborted; then what is under way is rejected as well. */
export function sendUntil(stopped: AbortSignal, send: Send): Send {
  return async request => {
    stopped.throwIfAborted()
    let giveUp = () => undefined as unknown
    const aborted = new Promise<never>((_, reject) => {
      giveUp = () => reject(stopped.reason)
      stopped.addEventListener('abort', giveUp)
    })
    try {
      return await Promise.race([send(request), aborted])
    } finally {
      stopped.removeEventListener('abort', giveUp)
    }
  }
}
