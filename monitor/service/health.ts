/** Health: which operations of this instance fail, or have not succeeded for too long. */

export interface Health {
  failed(what: string): void
  succeeded(what: string): void
  /** Why this instance does not work; undefined: it does. */
  illness(): string | undefined
}

/**
 * @param withinMs By operation: within which time it has to succeed again and again; undefined: it only must not fail.
 * @param now In milliseconds; a clock that is never set.
 */
export function createHealth(
  withinMs: Readonly<Record<string, number | undefined>>,
  now: () => number = () => performance.now(),
): Health {
  const failing = new Set<string>()
  const begun = now()
  const last = new Map<string, number>()
  return {
    failed: what => failing.add(what),
    succeeded: what => {
      failing.delete(what)
      last.set(what, now())
    },
    illness() {
      const ill = Object.entries(withinMs).find(([what, most]) => {
        return failing.has(what) || (most !== undefined && now() - (last.get(what) ?? begun) > most)
      })
      if (!ill) return undefined
      const [what] = ill
      return failing.has(what) ? what : `${what}: no success for ${Math.round((ill[1] ?? 0) / 1000)} s`
    },
  }
}
