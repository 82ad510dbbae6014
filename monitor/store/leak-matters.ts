/** Finds the routes whose requests may have left something that sweeps cannot remove. */
import type pg from 'pg'
import type { Intent } from '../../environment/ledger/entry.ts'
import { routeOf } from '../../environment/ledger/route.ts'
import { type MatterSource, openMatters, type PresentMatter } from './present-matters.ts'

/** Sweeps try for so long, several times, before it is reported; or no sweep has begun for so long. */
const leftForMinutes = 15

/** More are not read. */
const most = 5000

/** A leak that lasts is reported once, and so is a route of which more and more is left. */
export const leakMatters: MatterSource = {
  kind: 'leak',
  owns: () => true,
  ended: async () => 'nothing is left of it any more',
  async find(client) {
    const routes = new Map<string, PresentMatter & { requests: number }>()
    const left = await readLeft(client)
    for (const { intent, reason, isInProgress } of left) {
      const { environment } = intent
      const name = nameOf(intent)
      const known = routes.get(`${environment} ${name}`)
      // What is under way may be removed yet.
      if (known && isInProgress) continue
      const requests = (known?.requests ?? 0) + (isInProgress ? 0 : 1)
      const why = reason ?? 'no sweep could try to remove it yet'
      const times = requests === 1 ? 'a request' : `${requests} requests`
      routes.set(`${environment} ${name}`, {
        ...{
          severity: 'warning',
          environment,
          name,
          since: known?.isOnlyKept === false ? known.since : new Date(intent.at).toISOString(),
          requests,
          isOnlyKept: isInProgress,
        },
        text: `${times} may have left something: ${why}. Remove it there, or mend the cleanup rule; the page of leaks lists it`,
      })
    }
    const matters = [...routes.values()].map(({ requests: _, ...matter }) => matter)
    return left.length < most ? matters : [...matters, ...(await keepAll(client))]
  },
}

interface Left {
  intent: Intent
  reason: string | null
  /** Its replay has not ended, or the first sweep has not. */
  isInProgress: boolean
}

/** The oldest first. */
async function readLeft(client: pg.PoolClient): Promise<Left[]> {
  const before = `clock_timestamp() - $1 * interval '1 minute'`
  const { rows } = await client.query<Left>(
    `select intent, reason, reason is null and held_until > ${before} as "isInProgress"
       from reprise.intents join reprise.ledgers using (run)
      where (intent ->> 'at')::timestamptz < ${before}
      order by intent ->> 'at', position limit $2`,
    [leftForMinutes, most],
  )
  return rows
}

/** What was not read is unknown, so that nothing ends. */
async function keepAll(client: pg.PoolClient): Promise<PresentMatter[]> {
  const known = await openMatters(client, 'leak')
  return known.map(({ since, ...matter }) => ({
    ...{ ...matter, severity: 'warning', since: since.toISOString(), text: '', isOnlyKept: true },
  }))
}

function nameOf({ method, url, check }: Intent): string {
  const path = URL.canParse(url) ? routeOf(new URL(url).pathname).create : url
  return `${method} ${path}${check ? ` of ${check}` : ''}`
}
