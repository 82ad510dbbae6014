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
  const { rows } = await client.query<{ tags: string[] | null; environment: string | null; channels: string[] }>(
    `select (select rules -> 'tags' from reprise.checks where name = $1) as tags,
            (select environment from reprise.checks where name = $1) as environment,
            array(select distinct channel from reprise.checks, jsonb_array_elements_text(rules -> 'channels') channel
                   where active and ($1::text is null or name = $1) and ($2::text is null or environment = $2)) as channels`,
    [check, environment],
  )
  const [row] = rows
  const matter = { ...about, tags: row?.tags ?? [], environment: environment ?? row?.environment ?? undefined }
  return channelsBy(await readAlertRules(client), matter, row?.channels ?? [])
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
