/** The span of an incident, to a viewer who sees some of its checks. */

/** From the first of these checks that joined to the last one that left; not over while one is in the incident. */
export function spanOf(checks: readonly { openedAt: Date; closedAt: Date | null }[]) {
  const ends = checks.flatMap(({ closedAt }) => closedAt ?? [])
  return {
    openedAt: new Date(Math.min(...checks.map(({ openedAt }) => openedAt.getTime()))),
    closedAt: ends.length < checks.length ? null : new Date(Math.max(...ends.map(end => end.getTime()))),
  }
}
