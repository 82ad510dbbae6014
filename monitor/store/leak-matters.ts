/** Finds the routes whose requests may have left something that sweeps cannot remove. */
import type pg from 'pg'
import type { Intent } from '../../environment/ledger/entry.ts'
import { routeOf } from '../../environment/ledger/route.ts'
import { openIncidentOf } from './incidents.ts'
import type { FailureEvidence } from './messages.ts'
import type { MatterEvidence } from './notices.ts'
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
    for (const { run, intent, reason, isInProgress } of left) {
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
          ...(intent.check && { checks: checksOf(intent) }),
          since: known?.isOnlyKept === false ? known.since : new Date(intent.at).toISOString(),
          requests,
          isOnlyKept: isInProgress,
        },
        // The last request is that of which most is known.
        evidence: () => evidenceOf(client, run, intent),
        text: `${times} may have left something: ${why}. Remove it there, or mend the cleanup rule; the page of leaks lists it`,
      })
    }
    const matters = [...routes.values()].map(({ requests: _, ...matter }) => matter)
    return left.length < most ? matters : [...matters, ...(await keepAll(client))]
  },
}

interface Left {
  run: string
  intent: Intent
  reason: string | null
  /** Its replay has not ended, or the first sweep has not. */
  isInProgress: boolean
}

/** The oldest first. */
async function readLeft(client: pg.PoolClient): Promise<Left[]> {
  const before = `clock_timestamp() - $1 * interval '1 minute'`
  const { rows } = await client.query<Left>(
    `select run, intent, reason, reason is null and held_until > ${before} as "isInProgress"
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

/** A test may belong to several checks. */
const checksOf = ({ check = '' }: Intent) => check.split(', ')

async function evidenceOf(client: pg.PoolClient, run: string, intent: Intent): Promise<MatterEvidence> {
  const [check = ''] = checksOf(intent)
  const [, traceId] = /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(intent.token) ?? []
  const incident = await openIncidentOf(client, check)
  const { rows } = await client.query<{ runbook: string | null }>(
    `select rules ->> 'runbook' as runbook from reprise.checks where name = $1`,
    [check],
  )
  const runbook = rows[0]?.runbook ?? undefined
  return {
    ...{ run, ...(await versionOf(client, check, intent)) },
    ...(traceId !== undefined && { traceId }),
    ...(incident !== undefined && { incident }),
    ...(runbook !== undefined && { runbook }),
  }
}

/** That of the service as the replay saw it. */
async function versionOf(client: pg.PoolClient, check: string, { replay, at }: Intent): Promise<FailureEvidence> {
  const { rows } = await client.query<{ version: string | null }>(
    `select version from reprise.replays
      where check_name = $1 and due > $2::timestamptz - interval '1 day' and due <= $2 and id::text = any($3)`,
    [check, at, replay.split(', ')],
  )
  const version = rows[0]?.version ?? null
  return version === null ? {} : { failingVersion: version }
}

function nameOf({ method, url, check }: Intent): string {
  const path = URL.canParse(url) ? routeOf(new URL(url).pathname).create : url
  return `${method} ${path}${check ? ` of ${check}` : ''}`
}
