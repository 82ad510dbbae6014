/** Chooses the channels of a message, by the rules in the database, so that all instances choose alike. */
import type pg from 'pg'
import { type AlertRules, readAlertRules } from './alert-rules.ts'
import type { CheckRules } from './check-rules.ts'
import type { AlertMessage, Severity } from './messages.ts'
import { type RoutedMatter, routed } from './routes.ts'

/** What a message is about. */
export interface About extends Concern {
  kind: AlertMessage['kind']
  severity: Severity
}

/** Checks of an environment; or all of it, also if none of the checks is active there; both absent: the monitor itself. */
export interface Concern {
  /** Names. */
  checks?: readonly string[]
  environment?: string
}

/**
 * Lists the names of the channels, sorted. What concerns several checks is routed for each of them, and goes to the channels
 * of all; what concerns none is routed by itself, and otherwise goes to those of all active checks.
 * @param isQuiet A check is in maintenance, or muted: it adds no channels.
 */
export async function recipientsOf(
  client: pg.ClientBase,
  about: About,
  isQuiet: (check: string) => boolean = () => false,
): Promise<string[]> {
  const rules = await readAlertRules(client)
  if (about.checks === undefined && about.environment === undefined) {
    return channelsBy(rules, about, channelsOfChecks(rules, await readActive(client, {})))
  }
  const concerned = await readConcerned(client, about)
  if (concerned.length === 0) return channelsBy(rules, about, [])
  const channels = concerned
    .filter(({ name }) => !isQuiet(name))
    .flatMap(check => {
      const own = about.kind === 'degraded' ? check.channels : channelsOfChecks(rules, [check])
      return channelsBy(rules, { ...matterOf(check, about.kind), severity: about.severity }, own)
    })
  return [...new Set(channels)].sort()
}

/** Reads the active checks that something concerns; empty for the monitor itself. */
export async function readConcerned(client: pg.ClientBase, concern: Concern): Promise<CheckRules[]> {
  const { checks, environment } = concern
  const named = checks === undefined ? [] : await readActive(client, concern)
  return named.length > 0 || environment === undefined ? named : readActive(client, { environment })
}

/** Reads the active checks that have these names, and are in this environment. */
export async function readActive(client: pg.ClientBase, { checks, environment }: Concern): Promise<CheckRules[]> {
  const { rows } = await client.query<{ rules: CheckRules }>(
    `select rules from reprise.checks
      where active and ($1::text[] is null or name = any($1)) and ($2::text is null or environment = $2) order by name`,
    [checks, environment],
  )
  return rows.map(({ rules }) => rules)
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
  check: CheckRules,
): string[] {
  return channelsBy(rules, matterOf(check, kind), check.channels)
}

/** Keeps of channels that know a check's incident those that get a kind of message about it. */
export function withinRoutes(
  { routes }: Pick<AlertRules, 'routes'>,
  kind: AlertMessage['kind'],
  check: CheckRules,
  channels: readonly string[],
): string[] {
  const found = routed(routes, matterOf(check, kind))
  return found === undefined || found.others ? [...channels] : channels.filter(each => found.channels.includes(each))
}

interface RoutedCheck extends Pick<CheckRules, 'name' | 'environment' | 'tags' | 'source'> {
  severity?: Severity
}

/** A message of a kind about a check, as routes see it. */
export function matterOf(
  { name: check, environment, severity = 'critical', tags, source }: RoutedCheck,
  kind: AlertMessage['kind'],
): RoutedMatter {
  return { kind, severity, check, environment, tags, source }
}

/** Those of the routes; of no route that matches, `others`. Sorted, without duplicates. */
export function channelsBy(
  { routes }: Pick<AlertRules, 'routes'>,
  matter: RoutedMatter,
  others: readonly string[],
): string[] {
  const found = routed(routes, matter)
  const channels = found ? [...found.channels, ...(found.others ? others : [])] : others
  return [...new Set(channels)].sort()
}
