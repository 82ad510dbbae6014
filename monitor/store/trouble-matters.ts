/** Finds the monitor's own troubles: channels that fail, slots without a result, and what its instances cannot do. */
import type pg from 'pg'
import type { Verdict } from '../verdict/verdict.ts'
import { readEvidence } from './check-evidence.ts'
import type { CheckRules, IsInMaintenance } from './check-rules.ts'
import { isClosedUnsent } from './closed-messages.ts'
import { isLost } from './lost-slots.ts'
import { isInWindow, readWindows } from './maintenance-windows.ts'
import type { MatterSource, PresentMatter } from './present-matters.ts'
import { channelRemoved } from './removed-channels.ts'

/** So long a channel fails until the others are notified. */
const channelFailsForMinutes = 10

/** In an hour: a check has lost many slots, or, once that is reported, still some. */
const [mostLost, mostShare, someShare] = [3, 0.25, 0.1]

const prefixes = { channel: 'channel ', slots: 'slots of ', state: 'state of ', instance: 'instances: ' }

/** @param isInMaintenance By the configuration; the windows of operators are added. */
export const troubleMatters = (isInMaintenance: IsInMaintenance): MatterSource => ({
  kind: 'trouble',
  owns: name => Object.values(prefixes).some(prefix => name.startsWith(prefix)),
  ended: async (client, { name, since }) =>
    name.startsWith(prefixes.channel) ? channelEnd(client, name.slice(prefixes.channel.length), since) : 'it is over',
  find: async (client, now) => [
    ...(await failingChannels(client)),
    ...(await lostSlots(client, now, isInMaintenance)),
    ...(await neverKnown(client, now)),
    ...(await ofInstances(client)),
  ],
})

/** SQL condition on a row `message`: the channel has accepted another one since a time. */
const acceptedSince = (time: string) => `exists (
  select from reprise.outbox other
   where other.channel = message.channel and other.delivered_at > ${time} and not other.last_error is not null)`

interface FailingChannel {
  channel: string
  since: Date
  failure: string | null
  /** One of its messages has failed for long. */
  isLong: boolean
  /** It has accepted nothing at all for long. */
  isDown: boolean
  /** It has accepted another message since each of these has failed first. */
  acceptsOthers: boolean
  messages: number
  dead: number
}

/**
 * For the channels that do not fail themselves. That a message was given up does not end it, until the channel has accepted
 * another one.
 */
async function failingChannels(client: pg.PoolClient): Promise<PresentMatter[]> {
  const { rows } = await client.query<FailingChannel>(
    `select channel, min(since) as since, bool_or(long) as "isLong", bool_or(long and not accepts_others) as "isDown",
            bool_and(accepts_others) as "acceptsOthers", count(*)::integer as messages, count(dead_at)::integer as dead,
            (array_agg(last_failure order by next_attempt desc) filter (where last_failure is not null))[1] as failure
       from (select message.*, since, since < clock_timestamp() - $1 * interval '1 minute' as long,
                    ${acceptedSince('since')} as accepts_others
               from reprise.outbox message, coalesce(failing_since, next_attempt) since
              where delivered_at is null and attempts > 0 and last_error is not null
                and (dead_at is null or not ${acceptedSince('message.dead_at')})) failing
      group by channel order by channel`,
    [channelFailsForMinutes],
  )
  const except = rows.filter(({ acceptsOthers }) => !acceptsOthers).map(({ channel }) => channel)
  return rows
    .filter(({ isLong }) => isLong)
    .map(failing => ({
      ...{ severity: 'critical', name: `${prefixes.channel}${failing.channel}`, since: failing.since.toISOString() },
      ...{ text: textOf(failing), except },
    }))
}

function textOf({ failure, isDown, messages, dead }: FailingChannel): string {
  const some = messages === 1 ? 'one of its messages' : `${messages} of its messages`
  const what = isDown
    ? `it has not accepted messages for ${channelFailsForMinutes} minutes`
    : `it accepts messages, but has not accepted ${some} for ${channelFailsForMinutes} minutes`
  return `${what}${failure ? `: ${failure}` : ''}${dead > 0 ? `; ${givenUp(dead)}` : ''}`
}

/** Its end may also be that its messages were dropped, or that it was removed from the configuration. */
async function channelEnd(client: pg.PoolClient, channel: string, since: Date): Promise<string> {
  const { rows } = await client.query<{ accepted: boolean; configured: boolean; dead: number }>(
    `select exists (select from reprise.outbox
                     where channel = $1 and delivered_at > $2 and not ${isClosedUnsent}) as accepted,
            exists (select from reprise.channels where name = $1) as configured,
            (select count(*) from reprise.outbox where channel = $1 and delivered_at is null and dead_at is not null)::integer as dead`,
    [channel, since],
  )
  const { accepted, configured, dead } = rows[0] ?? { accepted: false, configured: true, dead: 0 }
  const what = accepted
    ? 'it accepts messages'
    : configured
      ? 'no failed message waits for it any more'
      : channelRemoved
  return dead > 0 ? `${what}; ${givenUp(dead)}` : what
}

const givenUp = (messages: number) => `${messages === 1 ? 'one message was' : `${messages} messages were`} given up`

interface LosingCheck {
  name: string
  environment: string
  runbook: string | null
  lost: number
  slots: number
  reason: string | null
  since: Date
  isReported: boolean
  isUnknown: boolean
}

/** Apart from those that came due while no monitor was running. That its state is unknown is reported by itself. */
async function lostSlots(client: pg.PoolClient, now: Date, isInMaintenance: IsInMaintenance): Promise<PresentMatter[]> {
  const hourAgo = new Date(now.getTime() - 3_600_000)
  const { rows } = await client.query<LosingCheck>(
    `select name, checks.environment, rules ->> 'runbook' as runbook, counted.*, checks.state = 'unknown' as "isUnknown",
            exists (select from reprise.open_notices
                     where stream = 'trouble ' || checks.environment and subject = $3 || name) as "isReported"
       from (select check_name, count(*) filter (where was_lost)::integer as lost, count(*)::integer as slots,
                    (array_agg(reason order by due desc) filter (where was_lost))[1] as reason,
                    min(due) filter (where was_lost) as since
               from (select *, (${isLost}) or (outcome = 'error' and reason like 'monitor overloaded%') as was_lost
                       from reprise.slots
                      where due > $1 and due <= $2 and state in ('done', 'missed', 'skipped')
                        and reason is distinct from 'no monitor was running') slot
              group by check_name having bool_or(was_lost)) counted
       join reprise.checks on name = check_name and active
      order by name`,
    [hourAgo, now, prefixes.slots],
  )
  if (rows.length === 0) return []
  const windows = await readWindows(client, now)
  return rows
    .filter(({ lost, slots, isReported, isUnknown }) =>
      isReported ? lost / slots >= someShare : !isUnknown && lost >= mostLost && lost / slots >= mostShare,
    )
    .map(({ name, environment, runbook, lost, slots, reason, since }) => ({
      ...{ severity: 'warning', environment, checks: [name], name: `${prefixes.slots}${name}` },
      since: since.toISOString(),
      // What is reported already has not ended by that.
      isOnlyKept: isInMaintenance(name, now) || isInWindow(windows, name, now),
      evidence: () => evidenceOf(client, { name, ...(runbook !== null && { runbook }) }, now),
      text: `${lost} of its ${slots} slots in the last hour had no result${reason ? `: ${reason}` : ''}`,
    }))
}

/** A check without any result yet is not reported as unknown. */
async function neverKnown(client: pg.PoolClient, now: Date): Promise<PresentMatter[]> {
  const { rows } = await client.query<{ rules: CheckRules; verdict: Verdict; reason: string | null; since: Date }>(
    `select rules, verdict, coalesce(last_replay ->> 'reason', missed.reason) as reason, judged_until as since
       from reprise.checks
       left join lateral (select max(reason) as reason from reprise.slots
                           where check_name = name and due = judged_until) missed on true
      where active and state = 'unknown' and since is null and judged_until is not null
        and (verdict -> 'streak' ->> 'blind')::integer >= (rules -> 'policy' ->> 'blindAfter')::integer`,
  )
  return rows.map(({ rules: { name, environment, runbook }, verdict, reason, since }) => ({
    ...{ severity: 'warning', environment, checks: [name], name: `${prefixes.state}${name}` },
    since: since.toISOString(),
    evidence: () => evidenceOf(client, { name, ...(runbook !== undefined && { runbook }) }, now),
    text: `none of its first ${verdict.streak.blind} slots had a result${reason ? `: ${reason.split('\n')[0]}` : ''}`,
  }))
}

/** Of the last replay that showed nothing of the service. */
const evidenceOf = (client: pg.PoolClient, check: Pick<CheckRules, 'name' | 'runbook'>, now: Date) =>
  readEvidence(client, check, now, ['error', 'unknown'])

async function ofInstances(client: pg.PoolClient): Promise<PresentMatter[]> {
  const { rows } = await client.query<{ what: string; since: Date; locations: string[] }>(
    `select what, min(since) as since, array_agg(distinct location order by location) as locations
       from reprise.instance_troubles join reprise.instances on id = instance group by what order by what`,
  )
  return rows.map(({ what, since, locations }) => ({
    ...{ severity: 'warning', name: `${prefixes.instance}${what}`, since: since.toISOString() },
    text: `so it is in ${locations.join(', ')}; the log of the monitor there has the reason`,
  }))
}
