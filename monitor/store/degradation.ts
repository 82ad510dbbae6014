/** Notifies channels that a check is degraded, and that it is so no longer. */
import type pg from 'pg'
import type { Outcome } from '../verdict/finding.ts'
import { failuresOf } from '../verdict/recent.ts'
import { isAlwaysTroubled, type Transition, type Verdict } from '../verdict/verdict.ts'
import type { Batch } from './batch.ts'
import { readEvidence, versionsIn } from './check-evidence.ts'
import type { CheckRules, IsInMaintenance } from './check-rules.ts'
import { readDegradationOrigin } from './failure-origin.ts'
import { beginMatter, endMatter, type MatterEvidence } from './notices.ts'
import { withdrawBeginning } from './withdrawn.ts'

/** A check that was reported as degraded is not reported again for so long, unless it has been degraded for `lastingMs`. */
const quietForMs = 6 * 3_600_000
const lastingMs = 3_600_000

/** How far back the reason is searched. */
const reasonWithinMs = 2 * 86_400_000

/**
 * Creates the messages of a slot. A check that is degraded is reported to its own channels; during maintenance, or by a
 * muted instance, it is not, but with the first slot after it. When the check falls, the message of its incident ends that;
 * when it is up, there is a message about the end, unless its state is flapping: then it counts as degraded until that ends.
 */
export async function writeDegradation(
  client: pg.PoolClient,
  check: CheckRules & { verdict: Verdict },
  { transitions, at }: { transitions: readonly Transition[]; at: Date },
  isInMaintenance: IsInMaintenance,
  batch?: Batch,
): Promise<void> {
  const { name, verdict } = check
  // In an incident, the check is alerted with that.
  if (verdict.incident !== undefined) return
  if (verdict.state === 'degraded') {
    if (isInMaintenance.isMuted || isInMaintenance(name, at)) return
    await begin(client, check, at, isInMaintenance.mutedChannels, batch)
  } else if (verdict.state === 'up' && !verdict.flapping.active && transitions.length > 0) {
    await endDegradation(client, check, at, 'it is up again', batch)
  }
}

async function begin(
  client: pg.PoolClient,
  check: CheckRules & { verdict: Verdict },
  at: Date,
  mutedChannels: ReadonlySet<string> | undefined,
  batch: Batch | undefined,
) {
  const { name, environment, verdict } = check
  const since = verdict.since ?? at.getTime()
  const { rows } = await client.query<{ reportedAt: Date | null; isOpen: boolean }>(
    `select degraded_reported_at as "reportedAt",
            exists (select from reprise.open_notices where stream = $2 and subject = name) as "isOpen"
       from reprise.checks where name = $1`,
    [name, streamIn(environment)],
  )
  const [{ reportedAt, isOpen } = { reportedAt: null, isOpen: false }] = rows
  const isRecent = reportedAt !== null && Math.abs(at.getTime() - reportedAt.getTime()) < quietForMs
  // A channel that was muted, or is new, is notified of what the others know.
  if (!isOpen && isRecent && at.getTime() - since < lastingMs) return
  const begun = await beginMatter(
    client,
    {
      ...{ kind: 'degraded', severity: 'warning', environment, checks: [name], name, at: at.toISOString() },
      ...{ since: new Date(since).toISOString(), text: await textOf(client, check, at) },
    },
    { ...(mutedChannels && { except: mutedChannels }), batch, evidence: () => evidenceOf(client, check, at) },
  )
  if (begun > 0 && !isOpen)
    await client.query('update reprise.checks set degraded_reported_at = $2 where name = $1', [name, at])
}

/** To the channels that know of it; in whichever environment the check was then. */
export async function endDegradation(
  client: pg.PoolClient,
  { name, runbook }: CheckRules,
  at: Date,
  text: string,
  batch?: Batch,
): Promise<void> {
  for (const environment of await environmentsOf(client, name)) {
    const about = { kind: 'degraded' as const, environment, checks: [name], name, at: at.toISOString(), text }
    await endMatter(client, { ...about, ...(runbook !== undefined && { runbook }) }, batch)
  }
}

/**
 * Ends it silently for a channel that is notified that the checks have fallen. A message that is under way might arrive after
 * that: then its end is sent when the check is up.
 */
export async function endDegradationByFall(
  client: pg.PoolClient,
  channel: string,
  degraded: ReadonlySet<string>,
): Promise<void> {
  for (const name of degraded) {
    for (const environment of await environmentsOf(client, name)) {
      const stream = streamIn(environment)
      if (!(await withdrawBeginning(client, stream, channel, name))) continue
      await client.query('delete from reprise.open_notices where (stream, subject, channel) = ($1, $2, $3)', [
        stream,
        name,
        channel,
      ])
    }
  }
}

/** Returns which of the checks a channel knows as degraded. */
export async function knownAsDegraded(
  client: pg.PoolClient,
  channel: string,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set()
  const { rows } = await client.query<{ name: string }>(
    `select subject as name from reprise.open_notices
      where channel = $1 and subject = any($2) and starts_with(stream, $3)`,
    [channel, names, streamIn('')],
  )
  return new Set(rows.map(({ name }) => name))
}

const streamIn = (environment: string) => `degraded ${environment}`

/** In which environments a channel knows that the check is degraded: usually one, or none. */
async function environmentsOf(client: pg.PoolClient, name: string): Promise<string[]> {
  const { rows } = await client.query<{ environment: string }>(
    `select distinct substr(stream, length($2) + 1) as environment from reprise.open_notices
      where starts_with(stream, $2) and subject = $1`,
    [name, streamIn('')],
  )
  return rows.map(({ environment }) => environment)
}

/** The replay whose reason the text has. */
async function evidenceOf(
  client: pg.PoolClient,
  check: CheckRules & { verdict: Verdict },
  at: Date,
): Promise<MatterEvidence> {
  const { bad, among } = causeOf(check)
  return {
    ...(await readEvidence(client, check, at, bad)),
    ...versionsIn(await readDegradationOrigin(client, check, at, { bad, among })),
  }
}

interface Cause {
  text: string
  /** Of the replays that are the cause. */
  bad: readonly Exclude<Outcome, 'passed' | 'error' | 'unknown'>[]
  /** So many of the last slots are decisive; undefined: those in a row. */
  among: number | undefined
}

function causeOf({ policy: { often }, verdict: { recent, streak } }: CheckRules & { verdict: Verdict }): Cause {
  const failures = often ? failuresOf(recent, often.of) : 0
  if (often && failures >= often.failures) {
    const text = `${failures} of its last ${Math.min(often.of, recent.length)} replays have failed`
    return { text, bad: ['slow', 'failed'], among: often.of }
  }
  if (often && isAlwaysTroubled(often, streak)) {
    const text = `none of its last ${often.of} replays has passed without a retry`
    return { text, bad: ['flaky', 'failed'], among: undefined }
  }
  return { text: 'it is slow, or fails, but not often enough to be down', bad: ['slow', 'failed'], among: undefined }
}

async function textOf(client: pg.PoolClient, check: CheckRules & { verdict: Verdict }, at: Date) {
  const { text, bad } = causeOf(check)
  const { rows } = await client.query<{ reason: string | null }>(
    `select reason from reprise.slots
      where check_name = $1 and due > $2 and due <= $3 and outcome = any($4) order by due desc limit 1`,
    [check.name, new Date(at.getTime() - reasonWithinMs), at, bad],
  )
  const reason = rows[0]?.reason?.split('\n')[0]
  return reason ? `${text}: ${reason}` : text
}
