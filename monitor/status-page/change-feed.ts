/** Reports changes to the readers of the pages, those of a second at once. */
import type { Change } from '../store/changes.ts'

interface Reader {
  onChange(changes: readonly Change[]): void
  /** The monitor stops: there will be no more changes. */
  onEnd(): void
}

export interface ChangeFeed {
  announce(change: Change): void
  /** Returns a function that ends the subscription. */
  subscribe(reader: Reader): () => void
  /** Ends all subscriptions, and each later one at once. */
  close(): void
}

/** Of one report: of more, it is only reported that there were some. */
const mostChanges = 100

/** @param everyMs The least time between two reports. */
export function createChangeFeed(everyMs = 1000): ChangeFeed {
  const readers = new Set<Reader>()
  let isClosed = false
  let waiting: NodeJS.Timeout | undefined
  const due = new Map<string, Change>()
  const report = () => {
    const changes: readonly Change[] = due.size > mostChanges ? ['anything'] : [...due.values()]
    due.clear()
    for (const reader of readers) reader.onChange(changes)
    waiting = setTimeout(() => {
      waiting = undefined
      if (due.size > 0) report()
    }, everyMs)
    waiting.unref()
  }
  return {
    announce(change) {
      if (isClosed) return
      due.set(JSON.stringify(change), change)
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
