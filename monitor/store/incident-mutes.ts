/** Reads the mutes that keep channels from being notified of an incident. */
import type pg from 'pg'
import { readAlertRules } from './alert-rules.ts'
import type { CheckRules } from './check-rules.ts'
import { type Mute, readMutes } from './mutes.ts'
import { recipientsOfCheck } from './recipients.ts'

/** Those that last: of its checks, and of channels that have a message of it or would get one. Empty if it has ended. */
export async function readIncidentMutes(pool: pg.Pool, incident: number): Promise<Mute[]> {
  const mutes = await readMutes(pool)
  if (mutes.length === 0) return []
  const [rules, members, notified] = await Promise.all([
    readAlertRules(pool),
    pool.query<{ rules: CheckRules }>(
      `select rules from reprise.incident_checks join reprise.checks on name = check_name
        where incident = $1 and closed_at is null`,
      [incident],
    ),
    pool.query<{ channel: string }>('select distinct channel from reprise.outbox where incident = $1', [incident]),
  ])
  if (members.rows.length === 0) return []
  const checks = members.rows.map(({ rules }) => rules)
  const concerned = {
    check: new Set(checks.map(({ name }) => name)),
    channel: new Set([
      ...checks.flatMap(check => recipientsOfCheck(rules, 'down', check)),
      ...notified.rows.map(({ channel }) => channel),
    ]),
  }
  return mutes.filter(({ kind, name }) => concerned[kind].has(name))
}
