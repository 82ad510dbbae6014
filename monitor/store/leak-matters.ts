/** Finds the routes whose requests may have left something that sweeps cannot remove. */
import type pg from 'pg'
import type { Intent } from '../../environment/ledger/entry.ts'
import { routeOf } from '../../environment/ledger/route.ts'
import type { MatterSource, PresentMatter } from './present-matters.ts'

/** Sweeps try for so long, several times, before it is reported. */
const leftForMinutes = 15

/** A leak that lasts is reported once, and so is a route of which more and more is left. */
export const leakMatters: MatterSource = {
  kind: 'leak',
  owns: () => true,
  ended: 'nothing is left of it any more',
  async find(client) {
    const routes = new Map<string, PresentMatter & { requests: number }>()
    for (const { intent, reason } of await readLeft(client)) {
      const { environment } = intent
      const name = nameOf(intent)
      const known = routes.get(`${environment} ${name}`)
      const requests = (known?.requests ?? 0) + 1
      const why = reason ?? 'no sweep could try to remove it yet'
      const times = requests === 1 ? 'a request' : `${requests} requests`
      routes.set(`${environment} ${name}`, {
        ...{
          severity: 'warning',
          environment,
          name,
          since: known?.since ?? new Date(intent.at).toISOString(),
          requests,
        },
        text: `${times} may have left something: ${why}. Remove it there, or mend the cleanup rule; the page of leaks lists it`,
      })
    }
    return [...routes.values()].map(({ requests: _, ...matter }) => matter)
  },
}

/** The oldest first. */
async function readLeft(client: pg.PoolClient): Promise<{ intent: Intent; reason: string | null }[]> {
  const { rows } = await client.query<{ intent: Intent; reason: string | null }>(
    `select intent, reason from reprise.intents join reprise.ledgers using (run)
      where (intent ->> 'at')::timestamptz < clock_timestamp() - $1 * interval '1 minute'
        and (reason is not null or held_until < clock_timestamp())
      order by intent ->> 'at', position limit 5000`,
    [leftForMinutes],
  )
  return rows
}

function nameOf({ method, url, check }: Intent): string {
  const path = URL.canParse(url) ? routeOf(new URL(url).pathname).create : url
  return `${method} ${path}${check ? ` of ${check}` : ''}`
}
