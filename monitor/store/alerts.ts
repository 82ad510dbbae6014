/** Creates the messages that follow from a change of a check's state, in the same transaction as the change. */
import type pg from 'pg'
import type { Transition, Verdict } from '../verdict/verdict.ts'
import { isAcknowledged, isKnownToOperators } from './acknowledgements.ts'
import { readAlertRules } from './alert-rules.ts'
import type { Batch } from './batch.ts'
import type { CheckRules, IsInMaintenance } from './check-rules.ts'
import { isClosedUnsent } from './closed-messages.ts'
import { endDegradationByFall, knownAsDegraded } from './degradation.ts'
import { noteFall } from './held-falls.ts'
import { lockIncidents } from './incidents.ts'
import { type AlertedCheck, type IncidentMessage, type News, noIncident, type UnknownStateMessage } from './messages.ts'
import { dropWaitingUnknown } from './quiet-messages.ts'
import { recipientsOfCheck, withinRoutes } from './recipients.ts'
import { alertedCheck, readShownIncident } from './shown-incident.ts'
import { writeMessage } from './write-message.ts'

/** What a slot has changed. */
export interface SlotChange {
  transitions: readonly Transition[]
  /** The incident that the check is in, or has just left. */
  incident: number | undefined
  at: Date
}

/**
 * Creates the messages of a slot. A check that falls is alerted to its own channels, or those of its routes, and to those of
 * its incident; during maintenance, or by a muted instance, it is not, but with the first slot after it. After an
 * acknowledgement it is alerted only to channels that do not know the incident, unless it is more urgent. A check that
 * becomes unknown is alerted to its own channels in the same way. A channel that operators have muted is alerted afterwards.
 * Recoveries are sent to the channels that have the alert, at any time.
 */
export async function writeAlerts(
  client: pg.PoolClient,
  check: CheckRules & { verdict: Verdict },
  { transitions, incident, at }: SlotChange,
  isInMaintenance: IsInMaintenance,
  batch: Batch,
): Promise<void> {
  const { name, environment, severity, verdict } = check
  // A check without any state yet is not alerted as unknown.
  const isLost = verdict.state === 'unknown' && verdict.since !== undefined
  if (verdict.incident === undefined && transitions.length === 0 && !isLost) return
  await lockIncidents(client)
  const rules = await readAlertRules(client)
  const isMuted = isInMaintenance.isMuted || isInMaintenance(name, at)
  const audible = (recipients: readonly string[]) =>
    recipients.filter(channel => !isInMaintenance.mutedChannels?.has(channel))
  const alertIncident = async (kind: IncidentMessage['kind'], news: News, recipients: readonly string[]) => {
    if (incident === undefined) return
    await alertChannels(
      client,
      { incident, kind, at },
      new Map(recipients.map(to => [to, new Map([[name, news]])])),
      batch,
    )
  }
  const { ofIncident, alerted, unknownTo } = await readNotified(client, incident, name)
  if (incident !== undefined && verdict.incident !== undefined && !isMuted) {
    const channels = recipientsOfCheck(rules, 'down', check)
    const missing = audible([...new Set([...channels, ...ofIncident])].filter(channel => !alerted.includes(channel)))
    const isKnown = missing.length > 0 && (await isKnownToOperators(client, incident, name, severity))
    const falling = isKnown ? missing.filter(channel => !ofIncident.includes(channel)) : missing
    const canBeNoted = falling.length > 0 && rules.quietHours.length === 0
    const noted = canBeNoted
      ? await noteFall(client, batch.id, { incident, check: name, environment, at }, falling)
      : []
    const others = falling.filter(channel => !noted.includes(channel))
    await alertIncident('update', 'fell', others)
    // Who works on an incident knows that its checks come and go.
    if (transitions.some(({ kind }) => kind === 'flapping') && !(await isAcknowledged(client, incident))) {
      const knowing = audible(await channelsOfIncident(client, incident))
      await alertIncident('flapping', 'flapping', withinRoutes(rules, 'flapping', check, knowing))
    }
  }
  if (incident !== undefined && transitions.some(({ kind }) => kind === 'closed')) {
    await alertIncident('update', 'recovered', alerted)
  }
  const about = { check: name, environment, at }
  // A message of the incident may have ended it.
  const unknown = unknownTo.length === 0 ? [] : await alertedChannels(client, noIncident, name)
  if (isLost && !isMuted) {
    const missing = recipientsOfCheck(rules, 'unknown', check).filter(channel => !unknown.includes(channel))
    await alertUnknownState(client, { ...about, kind: 'unknown', news: 'unknown' }, audible(missing), batch)
  }
  // After maintenance its fall will be alerted, which is enough.
  if (verdict.state !== 'unknown' && !(isMuted && verdict.state === 'down')) {
    await alertUnknownState(client, { ...about, kind: 'known', news: 'known' }, unknown, batch)
  }
}

export interface Removal {
  check: CheckRules
  /** The incident that it has left. */
  incident: number | undefined
}

/**
 * Creates the messages about checks that are not configured any more: for each channel with an open alert of one of
 * them.
 */
export async function writeRemovalAlerts(client: pg.PoolClient, removals: readonly Removal[], at: Date): Promise<void> {
  const news = new Map<number, Map<string, Map<string, News>>>()
  for (const { check, incident } of removals) {
    if (incident === undefined) continue
    const ofIncident = news.get(incident) ?? new Map<string, Map<string, News>>()
    news.set(incident, ofIncident)
    for (const channel of await alertedChannels(client, incident, check.name)) {
      ofIncident.set(channel, (ofIncident.get(channel) ?? new Map<string, News>()).set(check.name, 'removed'))
    }
  }
  for (const [incident, ofIncident] of news) await alertChannels(client, { incident, kind: 'update', at }, ofIncident)
  for (const { check } of removals) {
    const alerted = await alertedChannels(client, noIncident, check.name)
    const about = { check: check.name, environment: check.environment, at }
    await alertUnknownState(client, { ...about, kind: 'known', news: 'removed' }, alerted)
  }
}

/** Lists the configured channels with a message of the incident that was sent, or waits to be sent. */
async function channelsOfIncident(client: pg.PoolClient, incident: number): Promise<string[]> {
  const { rows } = await client.query<{ channel: string }>(channelsOf, [incident])
  return rows.map(({ channel }) => channel)
}

const channelsOf = `select distinct channel from reprise.outbox join reprise.channels on name = channel
   where incident = $1::integer and not ${isClosedUnsent} order by channel`

/** Which channels know what of a check. */
interface Notified {
  /** As `channelsOfIncident`. */
  ofIncident: string[]
  /** That it is down in the incident. */
  alerted: string[]
  /** That it is unknown. */
  unknownTo: string[]
}

async function readNotified(client: pg.PoolClient, incident: number | undefined, check: string): Promise<Notified> {
  const alertedIn = (which: string) => `array(
    select channel from reprise.open_alerts where incident = ${which} and check_name = $2 order by channel)`
  const { rows } = await client.query<Notified>(
    `select array(${channelsOf}) as "ofIncident", ${alertedIn('$1')} as alerted, ${alertedIn(`${noIncident}`)} as "unknownTo"`,
    [incident ?? null, check],
  )
  return rows[0] ?? { ofIncident: [], alerted: [], unknownTo: [] }
}

async function alertedChannels(client: pg.PoolClient, incident: number, check: string): Promise<string[]> {
  const { rows } = await client.query<{ channel: string }>(
    'select channel from reprise.open_alerts where incident = $1 and check_name = $2 order by channel',
    [incident, check],
  )
  return rows.map(({ channel }) => channel)
}

/** News by channel, and then by check. */
type ChannelNews = ReadonlyMap<string, ReadonlyMap<string, News>>

/**
 * Writes the message of an incident to each channel. It shows all checks of the incident, so it also contains the news that
 * the channel does not have yet.
 * @param once It is written to a channel once.
 */
export async function alertChannels(
  client: pg.PoolClient,
  { incident, kind, at, once }: { incident: number; kind: IncidentMessage['kind']; at: Date; once?: string },
  byChannel: ChannelNews,
  batch?: Batch,
): Promise<void> {
  if (byChannel.size === 0) return
  const { isOpen, members, alerted, ...about } = await readShownIncident(client, incident, at)
  for (const [channel, own] of byChannel) {
    const missing = members.filter(
      ({ name, isDown }) => isDown && !alerted.some(known => known.channel === channel && known.check === name),
    )
    const news = new Map<string, News>([...missing.map(({ name }): [string, News] => [name, 'fell']), ...own])
    const checksWith = (...wanted: News[]) =>
      [...news].filter(([, each]) => wanted.includes(each)).map(([name]) => name)
    const degraded = await knownAsDegraded(client, channel, checksWith('fell'))
    const checks = members.map(({ isDown: _isDown, ...member }) => ({
      ...withNews(member, news.get(member.name)),
      ...(degraded.has(member.name) && { wasDegraded: true as const }),
    }))
    const message = { kind: isOpen ? kind : 'up', incident, ...about, checks }
    if (!(await writeMessage(client, channel, message, batch, once))) continue
    const stated = [...news].filter(([, each]) => each !== 'flapping').map(([name]) => name)
    await dropWaitingUnknown(client, channel, about.environment, stated)
    await openAlerts(client, incident, channel, checksWith('fell'))
    await endDegradationByFall(client, channel, degraded)
    await closeAlerts(client, incident, channel, checksWith('recovered', 'removed'))
    // A message with a check's state also ends its alert as unknown, unless that may arrive after it.
    const known = checksWith('fell', 'recovered', 'removed')
    const waiting = await waitingAsUnknown(client, channel, known)
    const ended = known.filter(name => !waiting.has(name))
    await closeAlerts(client, noIncident, channel, ended)
  }
}

/** Returns which of the checks are unknown in a message that the channel has not accepted yet. */
async function waitingAsUnknown(
  client: pg.PoolClient,
  channel: string,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set()
  const { rows } = await client.query<{ name: string }>(
    `select shown ->> 'name' as name from reprise.outbox, jsonb_array_elements(message -> 'checks') shown
      where channel = $1 and incident = $2 and delivered_at is null and dead_at is null and shown ->> 'news' = 'unknown'
        and shown ->> 'name' = any($3)`,
    [channel, noIncident, names],
  )
  return new Set(rows.map(({ name }) => name))
}

interface UnknownStateNews {
  kind: UnknownStateMessage['kind']
  check: string
  environment: string
  news: News
  at: Date
}

async function alertUnknownState(
  client: pg.PoolClient,
  { kind, check, environment, news, at }: UnknownStateNews,
  recipients: readonly string[],
  batch?: Batch,
): Promise<void> {
  if (recipients.length === 0) return
  const { rows } = await client.query<{ at: string; alerted: AlertedCheck }>(
    `select to_jsonb($2::timestamptz) as at, ${alertedCheck} || jsonb_strip_nulls(jsonb_build_object('incident', (
              select incident from reprise.incident_checks where check_name = name and closed_at is null))) as alerted
       from reprise.checks where name = $1`,
    [check, at],
  )
  const [row] = rows
  if (!row) return
  for (const channel of recipients) {
    const checks = [withNews(row.alerted, news)]
    await writeMessage(client, channel, { kind, environment, at: row.at, checks }, batch)
    if (kind === 'known') await closeAlerts(client, noIncident, channel, [check])
    else await openAlerts(client, noIncident, channel, [check])
  }
}

async function openAlerts(client: pg.PoolClient, incident: number, channel: string, checks: readonly string[]) {
  if (checks.length === 0) return
  await client.query(
    `insert into reprise.open_alerts (incident, check_name, channel) select $1, name, $2 from unnest($3::text[]) name
     on conflict do nothing`,
    [incident, channel, checks],
  )
}

async function closeAlerts(client: pg.PoolClient, incident: number, channel: string, checks: readonly string[]) {
  if (checks.length === 0) return
  await client.query('delete from reprise.open_alerts where incident = $1 and channel = $2 and check_name = any($3)', [
    incident,
    channel,
    checks,
  ])
}

function withNews(check: AlertedCheck, news: News | undefined): AlertedCheck {
  return news === undefined ? check : { ...check, news }
}
