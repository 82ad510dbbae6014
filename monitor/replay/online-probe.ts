/** Checks whether the monitor's own network works when a test has failed. */

/** How long a result is reused, in milliseconds: failures at the same time share one request. */
const fresh = 5000
const timeout = 5000

export class OnlineProbe {
  readonly #url: string | undefined
  #asked = 0
  #answer: Promise<boolean> = Promise.resolve(false)

  /** @param url Undefined: nothing is requested, and the network counts as working. */
  constructor(url: string | undefined) {
    this.#url = url
  }

  /** Any response counts, whatever its status. */
  isOffline(): Promise<boolean> {
    if (this.#url !== undefined && Date.now() - this.#asked > fresh) {
      this.#asked = Date.now()
      this.#answer = isSilent(this.#url)
    }
    return this.#answer
  }
}

async function isSilent(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(timeout) })
    await response.body?.cancel()
    return false
  } catch {
    return true
  }
}
