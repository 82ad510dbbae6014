/** Writes the reminders and escalations of incidents that nobody has acknowledged, when they are due. */
import type pg from 'pg'
import { type AlertRules, readAlertRules } from './alert-rules.ts'
import { alertChannels } from './alerts.ts'
import type { CheckRules, IsInMaintenance } from './check-rules.ts'
import { isAheadOfClock } from './clock-skew.ts'
import { isClosedUnsent } from './closed-messages.ts'
import { lockIncidents } from './incidents.ts'
import { withOperatorQuiet } from './quiet.ts'
import { holdAnew } from './quiet-messages.ts'
import { matterOf, withinRoutes } from './recipients.ts'
import { matches } from './routes.ts'
import { inTransaction } from './transaction.ts'

/**
 * Writes what is due, once for all instances. Returns in how many milliseconds the next may be due; undefined if nothing will
 * be until there are other messages, or other rules.
 * @param isInMaintenance By the configuration of this instance.
 */
export async function writeDueReminders(pool: pg.Pool, isInMaintenance: IsInMaintenance): Promise<number | undefined> {
  const rules = await readAlertRules(pool)
  if (rules.remindersAfterMs.length === 0 && rules.escalation.length === 0) return undefined
  let next = Number.POSITIVE_INFINITY
  for (const incident of await readUnacknowledged(pool)) {
    const { reminders, steps, nextInMs } = dueOf(rules, incident)
    next = Math.min(next, nextInMs)
    if (reminders.length === 0 && steps.length === 0) continue
    await inTransaction(pool, client => writeDue(client, rules, incident.id, isInMaintenance))
  }
  return Number.isFinite(next) ? next : undefined
}

/**
 * Begins the times of open incidents anew, where the database's clock was set back: they lie in the future. Their reminders are
 * numbered from the beginning again.
 */
export async function restartReminders(client: pg.PoolClient): Promise<void> {
  await lockIncidents(client)
  await client.query(
    `update reprise.outbox message
        set created_at = least(message.created_at, clock_timestamp()),
            delivered_at = least(message.delivered_at, clock_timestamp())
       from reprise.incidents incident
      where incident.id = message.incident and incident.closed_at is null
        and (${isAheadOfClock('message.created_at')} or ${isAheadOfClock('message.delivered_at')})`,
  )
  await client.query(
    `update reprise.outbox message set once = null from reprise.incidents incident
      where incident.id = message.incident and incident.closed_at is null and starts_with(once, 'reminder ')`,
  )
  await holdAnew(client, await readAlertRules(client))
}

interface NotifiedIncident {
  id: number
  channels: readonly NotifiedChannel[]
}

interface NotifiedChannel {
  channel: string
  /** How long ago the first message of the incident could be sent to it; negative in quiet hours. */
  firstMs: number
  /** How long ago the last one was accepted. */
  silentMs: number | null
  /** A message has not been accepted yet. */
  waits: boolean
  wasEscalated: boolean
}

/** Reads open incidents of which messages were written, and which are not acknowledged. */
async function readUnacknowledged(client: pg.Pool | pg.PoolClient, only?: number): Promise<NotifiedIncident[]> {
  const age = (time: string) => `(extract(epoch from clock_timestamp() - ${time}) * 1000)::float`
  const { rows } = await client.query<NotifiedChannel & { id: number }>(
    `select incident.id, channel, bool_or(coalesce(once = 'escalation ' || incident.id, false)) as "wasEscalated",
            ${age(`min(greatest(message.created_at, message.not_before)) filter (where not ${isClosedUnsent})`)} as "firstMs",
            ${age(`max(delivered_at) filter (where not ${isClosedUnsent})`)} as "silentMs",
            bool_or(delivered_at is null and dead_at is null) as waits
       from reprise.incidents incident join reprise.outbox message on message.incident = incident.id
      where incident.closed_at is null and message.incident > 0 and ($1::integer is null or incident.id = $1)
        and not exists (select from reprise.acknowledgements where acknowledgements.incident = incident.id)
      group by incident.id, channel having bool_or(not ${isClosedUnsent}) order by incident.id, channel`,
    [only],
  )
  const ids = [...new Set(rows.map(({ id }) => id))]
  return ids.map(id => ({ id, channels: rows.filter(row => row.id === id) }))
}

interface Due {
  reminders: { channel: string; number: number }[]
  steps: AlertRules['escalation']
  /** Infinite: nothing will be due. */
  nextInMs: number
}

function dueOf({ remindersAfterMs, escalation }: AlertRules, { channels }: NotifiedIncident): Due {
  const reminders: Due['reminders'] = []
  const waits: number[] = []
  for (const { channel, firstMs, silentMs, waits: isWaiting } of channels) {
    const { number, atMs, nextAtMs } = reminderAt(remindersAfterMs, firstMs)
    waits.push(nextAtMs - firstMs)
    // A message that was accepted since, or is on its way, has the state already.
    if (number > 0 && !isWaiting && (silentMs ?? Number.POSITIVE_INFINITY) > firstMs - atMs) {
      reminders.push({ channel, number })
    }
  }
  const openMs = Math.max(...channels.map(({ firstMs }) => firstMs))
  const isOpenTo = (name: string) => {
    const known = channels.find(({ channel }) => channel === name)
    return !known?.wasEscalated && !known?.waits
  }
  const steps = escalation.flatMap(({ afterMs, channels, match }) => {
    if (afterMs > openMs) waits.push(afterMs - openMs)
    const open = channels.filter(isOpenTo)
    return afterMs <= openMs && open.length > 0 ? [{ afterMs, match, channels: open }] : []
  })
  return { reminders, steps, nextInMs: Math.min(...waits) }
}

/** The newest reminder until a time, from 1, or 0 before the first; and when the next is due. */
function reminderAt(afterMs: readonly number[], timeMs: number): { number: number; atMs: number; nextAtMs: number } {
  const at = (number: number) => {
    const last = afterMs.at(-1) ?? Number.POSITIVE_INFINITY
    return afterMs[number - 1] ?? last * 2 ** (number - afterMs.length)
  }
  let number = 0
  while (at(number + 1) <= timeMs) number++
  return { number, atMs: number === 0 ? 0 : at(number), nextAtMs: at(number + 1) }
}

async function writeDue(client: pg.PoolClient, rules: AlertRules, id: number, configured: IsInMaintenance) {
  await lockIncidents(client)
  // Another instance may have been first, and the incident may have ended.
  const [incident] = await readUnacknowledged(client, id)
  if (!incident) return
  const { now, checks, audible } = await readAudible(client, id, configured)
  if (checks.length === 0) return
  const { reminders, steps } = dueOf(rules, incident)
  const escalated = new Set(
    steps.flatMap(({ match, channels }) => (checks.some(check => isMatched(match, check)) ? audible(channels) : [])),
  )
  const notify = (kind: 'reminder' | 'escalation', once: string, channel: string) =>
    alertChannels(client, { incident: id, kind, at: now, once }, new Map([[channel, new Map()]]))
  for (const channel of escalated) await notify('escalation', `escalation ${id}`, channel)
  const alerted = await readAlerted(client, id)
  for (const { channel, number } of reminders) {
    if (escalated.has(channel) || !alerted.has(channel)) continue
    const isRouted = checks.some(check => withinRoutes(rules, 'reminder', check, audible([channel])).length > 0)
    if (isRouted) await notify('reminder', `reminder ${id} ${number}`, channel)
  }
}

const isMatched = (match: AlertRules['escalation'][number]['match'], check: CheckRules) =>
  matches(match, matterOf(check, 'down'))

/** Reads the checks that are down in the incident, without those in maintenance or muted; and which channels are not muted. */
async function readAudible(client: pg.PoolClient, incident: number, configured: IsInMaintenance) {
  const { rows } = await client.query<{ rules: CheckRules; now: Date }>(
    `select rules, clock_timestamp() as now
       from reprise.incident_checks member join reprise.checks on checks.name = member.check_name
      where member.incident = $1 and member.closed_at is null order by name`,
    [incident],
  )
  const now = rows[0]?.now ?? new Date()
  const checks: CheckRules[] = []
  let muted: ReadonlySet<string> = new Set()
  for (const { rules } of rows) {
    const isQuiet = await withOperatorQuiet(client, rules.name, configured, now)
    muted = isQuiet.mutedChannels ?? muted
    if (!isQuiet.isMuted && !isQuiet(rules.name, now)) checks.push(rules)
  }
  return { now, checks, audible: (channels: readonly string[]) => channels.filter(channel => !muted.has(channel)) }
}

/** Reads the channels with an alert that has not ended. */
async function readAlerted(client: pg.PoolClient, incident: number): Promise<Set<string>> {
  const { rows } = await client.query<{ channel: string }>(
    `select distinct channel from reprise.open_alerts join reprise.channels on name = channel where incident = $1`,
    [incident],
  )
  return new Set(rows.map(({ channel }) => channel))
}
