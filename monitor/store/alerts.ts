/** Who is owed which message: written with what it tells, in one transaction, and delivered later from the outbox. */
import type pg from 'pg'
import type { Transition, Verdict } from '../verdict/verdict.ts'
import type { Batch } from './batch.ts'
import type { CheckRules, IsInMaintenance } from './check-rules.ts'
import { lockIncidents } from './incidents.ts'
import {
  type AlertedCheck,
  type IncidentMessage,
  type News,
  noIncident,
  type SightMessage,
  writeMessage,
} from './messages.ts'

/** What a slot has made of a check. */
export interface Turn {
  transitions: readonly Transition[]
  /** That it is in, or has just left. */
  incident: number | undefined
  at: Date
}

/**
 * A check that falls is told to its channels, and to all that know its incident, unless it is in maintenance: then it is
 * told with the first slot after that. So is one that nobody can see any more, to its channels. Ends are told to whoever
 * was told the beginning, at any time.
 */
export async function owe(
  client: pg.PoolClient,
  check: CheckRules & { verdict: Verdict },
  { transitions, incident, at }: Turn,
  isInMaintenance: IsInMaintenance,
  batch: Batch,
): Promise<void> {
  const { name, channels, environment, verdict } = check
  // Before its first state nobody has ever seen it.
  const isLost = verdict.state === 'unknown' && verdict.since !== undefined
  if (verdict.incident === undefined && transitions.length === 0 && !isLost) return
  await lockIncidents(client)
  const isMuted = isInMaintenance(name, at)
  const tellIncident = async (kind: IncidentMessage['kind'], news: News, recipients: readonly string[]) => {
    if (incident === undefined) return
    await tell(client, { incident, kind, at }, new Map(recipients.map(to => [to, new Map([[name, news]])])), batch)
  }
  if (incident !== undefined && verdict.incident !== undefined && !isMuted) {
    const knowing = await channelsThatKnow(client, incident)
    const told = await channelsTold(client, incident, name)
    const untold = [...new Set([...channels, ...knowing])].filter(channel => !told.includes(channel))
    await tellIncident('update', 'fell', untold)
    if (transitions.some(({ kind }) => kind === 'flapping')) {
      await tellIncident('flapping', 'flapping', await channelsThatKnow(client, incident))
    }
  }
  if (incident !== undefined && transitions.some(({ kind }) => kind === 'closed')) {
    await tellIncident('update', 'recovered', await channelsTold(client, incident, name))
  }
  const sight = { check: name, environment, at }
  const told = await channelsTold(client, noIncident, name)
  if (isLost && !isMuted) {
    const untold = channels.filter(channel => !told.includes(channel))
    await tellSight(client, { ...sight, kind: 'unknown', news: 'unknown' }, untold, batch)
  }
  // Its fall will say so when the maintenance ends.
  if (verdict.state !== 'unknown' && !(isMuted && verdict.state === 'down')) {
    await tellSight(client, { ...sight, kind: 'known', news: 'known' }, told, batch)
  }
}

export interface Removal {
  check: CheckRules
  /** That it has left. */
  incident: number | undefined
}

/** Of checks that are not monitored any more: whoever was told that one is down, or unknown, is told that. */
export async function oweRemovals(client: pg.PoolClient, removals: readonly Removal[], at: Date): Promise<void> {
  const owed = new Map<number, Map<string, Map<string, News>>>()
  for (const { check, incident } of removals) {
    if (incident === undefined) continue
    const ofIncident = owed.get(incident) ?? new Map<string, Map<string, News>>()
    owed.set(incident, ofIncident)
    for (const channel of await channelsTold(client, incident, check.name)) {
      ofIncident.set(channel, (ofIncident.get(channel) ?? new Map<string, News>()).set(check.name, 'removed'))
    }
  }
  for (const [incident, ofIncident] of owed) await tell(client, { incident, kind: 'update', at }, ofIncident)
  for (const { check } of removals) {
    const told = await channelsTold(client, noIncident, check.name)
    const sight = { check: check.name, environment: check.environment, at }
    await tellSight(client, { ...sight, kind: 'known', news: 'removed' }, told)
  }
}

/** Those that have a message of it. */
async function channelsThatKnow(client: pg.PoolClient, incident: number): Promise<string[]> {
  const { rows } = await client.query<{ channel: string }>(
    'select distinct channel from reprise.outbox where incident = $1 order by channel',
    [incident],
  )
  return rows.map(({ channel }) => channel)
}

async function channelsTold(client: pg.PoolClient, incident: number, check: string): Promise<string[]> {
  const { rows } = await client.query<{ channel: string }>(
    'select channel from reprise.told where incident = $1 and check_name = $2 order by channel',
    [incident, check],
  )
  return rows.map(({ channel }) => channel)
}

/** By channel, and then by check. */
type Owed = ReadonlyMap<string, ReadonlyMap<string, News>>

/** A message of an incident shows all of it, so that it also tells what else the channel does not know yet. */
async function tell(
  client: pg.PoolClient,
  { incident, kind, at }: { incident: number; kind: IncidentMessage['kind']; at: Date },
  owed: Owed,
  batch?: Batch,
): Promise<void> {
  if (owed.size === 0) return
  const { isOpen, members, told, ...about } = await readIncident(client, incident, at)
  for (const [channel, own] of owed) {
    const untold = members.filter(
      ({ name, isDown }) => isDown && !told.some(known => known.channel === channel && known.check === name),
    )
    const news = new Map<string, News>([...untold.map(({ name }): [string, News] => [name, 'fell']), ...own])
    const checks = members.map(({ isDown: _isDown, ...member }) => withNews(member, news.get(member.name)))
    await writeMessage(client, channel, { kind: isOpen ? kind : 'up', incident, ...about, checks }, batch)
    const toldOf = (...wanted: News[]) => [...news].filter(([, each]) => wanted.includes(each)).map(([name]) => name)
    await remember(client, incident, channel, toldOf('fell'))
    await forget(client, incident, channel, toldOf('recovered', 'removed'))
    // A message that says how it is says that it is known again.
    await forget(client, noIncident, channel, toldOf('fell', 'recovered', 'removed'))
  }
}

interface SightNews {
  kind: SightMessage['kind']
  check: string
  environment: string
  news: News
  at: Date
}

async function tellSight(
  client: pg.PoolClient,
  { kind, check, environment, news, at }: SightNews,
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
    if (kind === 'known') await forget(client, noIncident, channel, [check])
    else await remember(client, noIncident, channel, [check])
  }
}

async function remember(client: pg.PoolClient, incident: number, channel: string, checks: readonly string[]) {
  await client.query(
    `insert into reprise.told (incident, check_name, channel) select $1, name, $2 from unnest($3::text[]) name
     on conflict do nothing`,
    [incident, channel, checks],
  )
}

async function forget(client: pg.PoolClient, incident: number, channel: string, checks: readonly string[]) {
  await client.query('delete from reprise.told where incident = $1 and channel = $2 and check_name = any($3)', [
    incident,
    channel,
    checks,
  ])
}

interface ShownIncident extends Pick<IncidentMessage, 'environment' | 'openedAt' | 'at'> {
  isOpen: boolean
  /** `isDown`: it belongs to it, and is not up again. */
  members: (AlertedCheck & { isDown: boolean })[]
  /** That they are in it. */
  told: { channel: string; check: string }[]
}

async function readIncident(client: pg.PoolClient, incident: number, at: Date): Promise<ShownIncident> {
  const { rows } = await client.query<ShownIncident>(
    `select environment, to_jsonb(opened_at) as "openedAt", to_jsonb($2::timestamptz) as at, closed_at is null as "isOpen",
            (select jsonb_agg(${alertedCheck} || jsonb_build_object('isDown', member.closed_at is null) order by name)
               from reprise.incident_checks member join reprise.checks on checks.name = member.check_name
              where member.incident = $1) as members,
            (select coalesce(jsonb_agg(jsonb_build_object('channel', channel, 'check', check_name)), '[]')
               from reprise.told where told.incident = $1) as told
       from reprise.incidents where id = $1`,
    [incident, at],
  )
  const [shown] = rows
  if (!shown) throw new Error(`There is no incident ${incident}.`)
  return shown
}

/** In SQL, of a row of `checks`; $2 is the time of the message. A slot that was missed has a reason as well. */
const alertedCheck = `jsonb_strip_nulls(jsonb_build_object(
  'name', name, 'state', state, 'since', coalesce(since, $2::timestamptz),
  'reason', case when not active then 'it is not monitored any more'
                 when state = 'unknown' then coalesce(
                   (select max(reason) from reprise.slots where check_name = name and due = judged_until),
                   last_replay ->> 'reason')
                 when state <> 'up' then last_replay ->> 'reason' end))`

function withNews(check: AlertedCheck, news: News | undefined): AlertedCheck {
  return news === undefined ? check : { ...check, news }
}
