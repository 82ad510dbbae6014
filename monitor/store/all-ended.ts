/** Waits until all have ended, unlike `Promise.all`, and then throws the first error. */
export async function allEnded(works: readonly Promise<unknown>[]): Promise<void> {
  const ended = await Promise.allSettled(works)
  for (const end of ended) if (end.status === 'rejected') throw end.reason
}
