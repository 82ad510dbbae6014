/** Measures contestants alternately, so that a busy moment of the machine affects all of them. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/**
 * Runs every contestant `inARow` times per round and returns its median time in milliseconds. Operations of microseconds
 * need many runs in a row, as in an application: otherwise the others would have evicted them from the processor's caches.
 */
export async function sideBySide<Name extends string>(
  contestants: Record<Name, () => Promise<unknown>>,
  rounds: number,
  inARow = 1,
): Promise<Record<Name, number>> {
  const names = Object.keys(contestants) as Name[]
  const times = Object.fromEntries(names.map(name => [name, []])) as unknown as Record<Name, number[]>
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      for (let i = 0; i < inARow; i++) {
        const from = performance.now()
        await contestants[name]()
        times[name].push(performance.now() - from)
      }
    }
  }
  return Object.fromEntries(names.map(name => [name, median(times[name])])) as Record<Name, number>
}

/** The number of runs after which the JIT compiler has optimized the code. */
const warmUpRuns = 5000

/** Repeats `sideBySide` and returns the median of medians, which a few busy seconds do not change. */
export async function sideBySideInRounds<Name extends string>(
  contestants: Record<Name, () => Promise<unknown>>,
  rounds: number,
  perRound: number,
  inARow = 1,
  warmUp = warmUpRuns,
): Promise<Record<Name, number>> {
  await sideBySide(contestants, Math.max(perRound, warmUp / inARow), inARow)
  const results: Record<Name, number>[] = []
  for (let round = 0; round < rounds; round++) results.push(await sideBySide(contestants, perRound, inARow))
  const names = Object.keys(contestants) as Name[]
  return Object.fromEntries(names.map(name => [name, median(results.map(result => result[name]))])) as Record<
    Name,
    number
  >
}
