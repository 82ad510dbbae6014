/** Tells the readers of the pages, at most once a second, that something has changed. */

interface Reader {
  onChange(): void
  /** The monitor stops: there will be no more changes. */
  onEnd(): void
}

export interface ChangeFeed {
  /** Something has changed. */
  announce(): void
  /** Returns a function that ends the subscription. */
  subscribe(reader: Reader): () => void
  /** Ends all subscriptions, and each later one at once. */
  close(): void
}

/** @param everyMs The least time between two reports. */
export function createChangeFeed(everyMs = 1000): ChangeFeed {
  const readers = new Set<Reader>()
  let isClosed = false
  let waiting: NodeJS.Timeout | undefined
  let isDue = false
  const report = () => {
    isDue = false
    for (const reader of readers) reader.onChange()
    waiting = setTimeout(() => {
      waiting = undefined
      if (isDue) report()
    }, everyMs)
    waiting.unref()
  }
  return {
    announce() {
      if (isClosed) return
      isDue = true
      if (!waiting) report()
    },
    subscribe(reader) {
      if (isClosed) reader.onEnd()
      else readers.add(reader)
      return () => readers.delete(reader)
    },
    close() {
      isClosed = true
      clearTimeout(waiting)
      for (const reader of readers) reader.onEnd()
      readers.clear()
    },
  }
}
