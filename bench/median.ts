/** Measures contestants side by side: in turns, so that a busy moment of the machine meets all of them. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/**
 * Runs every contestant `inARow` times per round and returns each one's median time in milliseconds. What takes microseconds
 * is run many times in a row, as an application does: else each would find the processor's caches full of the others.
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

/** Until then code that is run often is still being compiled, the more of it the longer. */
const warmUpRuns = 5000

/** The same in several rounds: each one's median of its medians, which a few bad seconds leave as it is. */
export async function sideBySideInRounds<Name extends string>(
  contestants: Record<Name, () => Promise<unknown>>,
  rounds: number,
  perRound: number,
  inARow = 1,
): Promise<Record<Name, number>> {
  await sideBySide(contestants, Math.max(perRound, warmUpRuns / inARow), inARow)
  const results: Record<Name, number>[] = []
  for (let round = 0; round < rounds; round++) results.push(await sideBySide(contestants, perRound, inARow))
  const names = Object.keys(contestants) as Name[]
  return Object.fromEntries(names.map(name => [name, median(results.map(result => result[name]))])) as Record<
    Name,
    number
  >
}
