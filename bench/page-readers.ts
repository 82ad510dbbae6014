/** Readers of a status page with live updates: each fetches the page again when the monitor reports a change, as browsers do. */
export interface PageReaders {
  /** How long each page took to arrive, in milliseconds. */
  readonly times: readonly number[]
  /** The number of pages that were answered with an error, or not at all. */
  readonly refused: number
  stop(): Promise<void>
}

/** Resolves when all listen. */
export async function startPageReaders(url: string, count: number): Promise<PageReaders> {
  const stopping = new AbortController()
  const { signal } = stopping
  const readers = { times: [] as number[], refused: 0 }
  const fetchPage = async () => {
    const begun = performance.now()
    try {
      const response = await fetch(url, { signal })
      await response.arrayBuffer()
      if (response.ok) readers.times.push(performance.now() - begun)
      else readers.refused++
    } catch {
      if (!signal.aborted) readers.refused++
    }
  }
  const listen = async (events: Response) => {
    let [isDue, isFetching] = [false, false]
    const update = async () => {
      if (!isDue || isFetching || signal.aborted) return
      isDue = false
      isFetching = true
      await fetchPage()
      isFetching = false
      await update()
    }
    for await (const part of events.body ?? []) {
      if (!Buffer.from(part).includes('event: change')) continue
      isDue = true
      void update()
    }
  }
  const streams = await Promise.all(Array.from({ length: count }, () => fetch(new URL('/events', url), { signal })))
  const refused = streams.find(({ ok }) => !ok)
  if (refused) throw new Error(`/events was answered ${refused.status}.`)
  // The abort ends all of them with an error.
  const listening = Promise.allSettled(streams.map(listen))
  return Object.assign(readers, {
    stop: async () => {
      stopping.abort()
      await listening
    },
  })
}
