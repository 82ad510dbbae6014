/** Chooses the channels of a message, by the rules in the database, so that all instances choose alike. */
import type pg from 'pg'
import { type AlertRules, readAlertRules } from './alert-rules.ts'
import type { CheckRules } from './check-rules.ts'
import type { AlertMessage, Severity } from './messages.ts'
import { routed } from './routes.ts'

/** What a message is about. */
export interface About {
  kind: AlertMessage['kind']
  severity: Severity
  /** A check, or an environment; both absent: the monitor itself. */
  check?: string
  environment?: string
}

/**
 * Lists the names of the channels, sorted: by the routes; if none matches, those of the check, of all active checks of the
 * environment, or of all active checks.
 */
export async function recipientsOf(client: pg.ClientBase, about: About): Promise<string[]> {
  const { check, environment } = about
  const { rows } = await client.query<{ rules: CheckRules; active: boolean }>(
    `select rules, active from reprise.checks
      where case when $1::text is null then active and ($2::text is null or environment = $2) else name = $1 end`,
    [check, environment],
  )
  const rules = await readAlertRules(client)
  const active = rows.filter(({ active }) => active).map(({ rules }) => rules)
  if (check === undefined) return channelsBy(rules, about, channelsOfChecks(rules, active))
  const own = rows[0]?.rules
  const matter = { ...about, tags: own?.tags, environment: environment ?? own?.environment }
  return channelsBy(
    rules,
    matter,
    active.flatMap(({ channels }) => channels),
  )
}

/** For what concerns several checks: their channels; of a check without any, those to which it is routed when it falls. */
export function channelsOfChecks(rules: Pick<AlertRules, 'routes'>, checks: readonly CheckRules[]): string[] {
  const channels = checks.flatMap(check =>
    check.channels.length > 0 ? check.channels : recipientsOfCheck(rules, 'down', check),
  )
  return [...new Set(channels)].sort()
}

/** As `recipientsOf`, of a check. */
export function recipientsOfCheck(
  rules: Pick<AlertRules, 'routes'>,
  kind: AlertMessage['kind'],
  { name, environment, severity = 'critical', tags, channels }: CheckRules,
): string[] {
  return channelsBy(rules, { kind, severity, check: name, environment, tags }, channels)
}

/** Keeps of channels that know a check's incident those that get a kind of message about it. */
export function withinRoutes(
  { routes }: Pick<AlertRules, 'routes'>,
  kind: AlertMessage['kind'],
  { name, environment, severity = 'critical', tags }: CheckRules,
  channels: readonly string[],
): string[] {
  const found = routed(routes, { kind, severity, check: name, environment, tags })
  return found === undefined || found.others ? [...channels] : channels.filter(each => found.channels.includes(each))
}

/** Those of the routes; of no route that matches, `others`. Sorted, without duplicates. */
export function channelsBy(
  { routes }: Pick<AlertRules, 'routes'>,
  matter: Parameters<typeof routed>[1],
  others: readonly string[],
): string[] {
  const found = routed(routes, matter)
  const channels = found ? [...found.channels, ...(found.others ? others : [])] : others
  return [...new Set(channels)].sort()
}
