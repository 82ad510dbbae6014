/**
 * Shares work among requests for the same thing: those that come while it is under way wait for it to end, and then all get
 * the result of one more. So the result is never older than the request, and of each thing one at a time is made.
 */
export function shareWork<T>(): (key: string, work: () => Promise<T>) => Promise<T> {
  const running = new Map<string, Promise<T>>()
  const next = new Map<string, Promise<T>>()
  const run = async (key: string, work: () => Promise<T>) => {
    const own = work()
    running.set(key, own)
    try {
      return await own
    } finally {
      running.delete(key)
    }
  }
  const runAfter = async (key: string, before: Promise<T>, work: () => Promise<T>) => {
    await before.catch(() => undefined)
    next.delete(key)
    return run(key, work)
  }
  return (key, work) => {
    const waiting = next.get(key)
    if (waiting) return waiting
    const before = running.get(key)
    if (!before) return run(key, work)
    const after = runAfter(key, before, work)
    next.set(key, after)
    return after
  }
}
