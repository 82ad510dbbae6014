/** AlertRules: to which channels messages go, and when. Stored, so that all instances agree. */
import type pg from 'pg'
import type { QuietHours } from './quiet-hours.ts'
import type { Route, RouteMatch } from './routes.ts'

export interface AlertRules {
  /** In order. */
  routes: readonly Route[]
  quietHours: readonly (QuietHours & {
    match: RouteMatch
    /** Absent: of all channels. */
    channels?: readonly string[]
  })[]
  /** How long after the first message of an incident; later ones whenever the time has doubled. Empty: none. */
  remindersAfterMs: readonly number[]
  escalation: readonly EscalationStep[]
}

interface EscalationStep {
  /** How long after the first message of an incident. */
  afterMs: number
  match: RouteMatch
  channels: readonly string[]
}

/** Each message goes to the channels of its check, at once, and is neither repeated nor escalated. */
export const plainAlertRules: AlertRules = { routes: [], quietHours: [], remindersAfterMs: [], escalation: [] }

export async function readAlertRules(client: pg.Pool | pg.ClientBase): Promise<AlertRules> {
  const { rows } = await client.query<{ rules: AlertRules }>('select rules from reprise.alert_rules')
  return rows[0]?.rules ?? plainAlertRules
}

/** What is configured of alerts. */
export interface ConfiguredAlerts {
  rules: AlertRules
  /** The names of the channels. */
  channels: readonly string[]
  /** Of these channels the service has alerts that can be acknowledged. */
  acknowledged?: readonly string[]
}

/** Makes these the rules and the channels. Returns whether other rules were in force. */
export async function writeAlertRules(
  client: pg.PoolClient,
  { rules, channels, acknowledged = [] }: ConfiguredAlerts,
): Promise<boolean> {
  await client.query('delete from reprise.channels where name <> all($1)', [channels])
  await client.query(
    `insert into reprise.channels (name, takes_acknowledgements)
     select name, name = any($2) from unnest($1::text[]) name order by name
     on conflict (name) do update set takes_acknowledgements = excluded.takes_acknowledgements`,
    [channels, acknowledged],
  )
  const { rowCount } = await client.query(
    `insert into reprise.alert_rules as known (rules) values ($1)
     on conflict (id) do update set rules = excluded.rules where known.rules <> excluded.rules`,
    [JSON.stringify(rules)],
  )
  return rowCount === 1
}
