/** Keeps the certificates of environments, and writes the messages about those that expire or are not trusted. */
import type pg from 'pg'
import { type Batch, release } from './batch.ts'
import {
  type CertificateRules,
  certificateText,
  isNews,
  levelOf,
  type SeenCertificate,
  severityOf,
  usualCertificateRules,
} from './certificate-level.ts'
import { type IsInMaintenance, noMaintenance } from './check-rules.ts'
import { lockIncidents } from './incidents.ts'
import type { FailureEvidence } from './messages.ts'
import { clock } from './mutes.ts'
import { beginMatter, endMatter } from './notices.ts'
import { readQuiet } from './quiet.ts'
import { inTransaction } from './transaction.ts'

/** An https origin of an environment. */
export interface CertificatePlace {
  environment: string
  /** Such as `https://api.example.com`. */
  origin: string
}

export interface StoredCertificate extends CertificatePlace, SeenCertificate {
  seenAt: Date
}

/**
 * Lists those of the places that were not looked at for a day, and counts them as looked at: another instance gets others.
 */
export async function takeUnseen(pool: pg.Pool, places: readonly CertificatePlace[]): Promise<CertificatePlace[]> {
  const { rows } = await pool.query<CertificatePlace>(
    `insert into reprise.certificates as known (environment, origin, looked_at)
     select environment, origin, clock_timestamp()
       from unnest($1::text[], $2::text[]) place (environment, origin) order by 1, 2
     on conflict (environment, origin) do update set looked_at = excluded.looked_at
      where known.looked_at is null or abs(extract(epoch from excluded.looked_at - known.looked_at)) >= 86400
     returning environment, origin`,
    columnsOf(places),
  )
  return rows
}

/** Records that a place could not be looked at, so that it is tried again in so many milliseconds. */
export async function lookAgain(pool: pg.Pool, { environment, origin }: CertificatePlace, inMs: number): Promise<void> {
  await pool.query(
    `update reprise.certificates set looked_at = clock_timestamp() - interval '1 day' + $3 * interval '1 ms'
      where environment = $1 and origin = $2`,
    [environment, origin, inMs],
  )
}

export interface CertificateAlerts {
  rules: CertificateRules
  /** By the configuration of this instance. */
  isInMaintenance: IsInMaintenance
}

const usualAlerts: CertificateAlerts = { rules: usualCertificateRules, isInMaintenance: noMaintenance }

/** A batch of certificates, each of which decrements `left`. */
type CountedBatch = Batch & { left: number }

/**
 * Records a certificate, and notifies the channels of the environment when it is about to expire or is not trusted, at most once
 * a day, and when that is over. Channels that are muted, or whose checks are muted or in maintenance, are left to
 * `reportOpenCertificates`.
 * @param batch Those that are recorded at the same time.
 * @param seenBy The replay that has seen it; absent: the last one that has seen the same certificate.
 */
export async function recordCertificate(
  pool: pg.Pool,
  place: CertificatePlace,
  seen: SeenCertificate,
  { rules, isInMaintenance }: CertificateAlerts = usualAlerts,
  batch?: CountedBatch,
  seenBy?: FailureEvidence,
): Promise<void> {
  const { environment, origin } = place
  await inTransaction(pool, async client => {
    await client.query(
      `insert into reprise.certificates (environment, origin, configured_at) values ($1, $2, clock_timestamp())
       on conflict do nothing`,
      [environment, origin],
    )
    const { rows } = await client.query<Stored>(
      `select alerted_level as level, alerted_at as at, clock_timestamp() as now, expires_at as "expiresAt", problem,
              case when own_expires_at = $3 then seen_by end as "seenBy"
         from reprise.certificates where environment = $1 and origin = $2 for no key update`,
      [environment, origin, seen.ownExpiresAt],
    )
    const [row] = rows
    if (!row) return
    const { now } = row
    const evidence = seenBy ?? row.seenBy
    const alerted = row.at ? { level: row.level, at: row.at } : undefined
    const level = levelOf(seen, now, rules)
    const matter = {
      ...{ kind: 'certificate' as const, environment, name: nameOf(origin), at: now.toISOString() },
      text: certificateText(seen, now),
    }
    const { mutedChannels: except, isQuiet } = await readQuiet(client, isInMaintenance, now)
    let reported = alerted
    // What was expired or not trusted is over, although the certificate is about to expire again.
    const isReplaced = level !== undefined && alerted?.level != null && alerted.level <= 0 && level > 0
    // With fewer `warnDays` it is as old as before: its end is still that it is renewed.
    const isOver = level === undefined && !isSame(row, seen)
    if (alerted?.level != null && (isOver || isReplaced)) {
      await endMatter(client, matter, batch)
      reported = { level: null, at: now }
    } else if (level !== undefined && alerted?.level != null && level > alerted.level) {
      reported = { level, at: alerted.at }
    } else if (level !== undefined && isNews(level, alerted, now)) {
      await beginMatter(
        client,
        { ...matter, severity: severityOf(level, seen, now, rules), since: matter.at },
        { again: true, except, isQuiet, batch, evidence: async () => evidence ?? {} },
      )
      reported = { level, at: now }
    }
    await client.query(
      `update reprise.certificates
          set seen_at = clock_timestamp(), expires_at = $3, own_expires_at = $4, subject = $5, issuer = $6,
              problem = $7, alerted_level = $8, alerted_at = $9, seen_by = $10
        where environment = $1 and origin = $2`,
      [
        ...[environment, origin, seen.expiresAt, seen.ownExpiresAt, seen.subject, seen.issuer, seen.problem],
        ...[reported?.level, reported?.at, evidence],
      ],
    )
    // At the end: several are recorded at the same time.
    if (batch) batch.left--
    if (batch) await release(client, batch)
  })
}

interface Stored {
  level: number | null
  at: Date | null
  now: Date
  expiresAt: Date | null
  problem: string | null
  seenBy: FailureEvidence | null
}

const isSame = (row: Stored, { expiresAt, problem = undefined }: SeenCertificate) =>
  row.expiresAt?.getTime() === expiresAt.getTime() && row.problem === (problem ?? null)

const nameOf = (origin: string) => new URL(origin).host

/**
 * Notifies channels of certificates that others know to be about to expire, or not to be trusted: those that are new, or were
 * muted, and those of checks that were muted or in maintenance.
 */
export async function reportOpenCertificates(
  pool: pg.Pool,
  { rules, isInMaintenance }: CertificateAlerts = usualAlerts,
): Promise<void> {
  const open = 'alerted_level is not null and seen_at is not null'
  const { rowCount } = await pool.query(`select from reprise.certificates where ${open} limit 1`)
  if (!rowCount) return
  await inTransaction(pool, async client => {
    const { rows } = await client.query<Reported>(
      `select ${storedColumns}, alerted_level as level, alerted_at as at, seen_by as "seenBy"
         from reprise.certificates where ${open} order by environment, origin for no key update`,
    )
    await lockIncidents(client)
    const now = await clock(client)
    const { mutedChannels: except, isQuiet } = await readQuiet(client, isInMaintenance, now)
    for (const { environment, origin, level, at, problem, seenBy, ...seen } of rows) {
      const certificate = { ...seen, ...(problem !== null && { problem }) }
      if (levelOf(certificate, now, rules) === undefined) continue
      await beginMatter(
        client,
        {
          ...{ kind: 'certificate', environment, name: nameOf(origin), at: now.toISOString() },
          ...{ severity: severityOf(level, certificate, now, rules), since: at.toISOString() },
          text: certificateText(certificate, now),
        },
        { except, isQuiet, evidence: async () => seenBy ?? {} },
      )
    }
  })
}

interface Reported extends Omit<StoredCertificate, 'problem'>, Pick<Stored, 'problem' | 'seenBy'> {
  level: number
  at: Date
}

/** How often it is noted which replay has seen a known certificate. */
const notedEverySeconds = 3600

/**
 * Records a certificate that a replay has seen, unless it is the known one. Of a new one, the chain and whether clients trust it
 * are not known, so that it is looked at next.
 * @param seenBy The replay.
 */
export async function recordReplayed(
  pool: pg.Pool,
  place: CertificatePlace,
  seen: Pick<SeenCertificate, 'ownExpiresAt' | 'subject' | 'issuer'>,
  alerts: CertificateAlerts = usualAlerts,
  seenBy?: FailureEvidence,
): Promise<void> {
  const where = 'where environment = $1 and origin = $2'
  const { environment, origin } = place
  const { rows } = await pool.query<{ isKnown: boolean | null; isNoted: boolean | null }>(
    `select own_expires_at = $3 as "isKnown",
            seen_by is not null and abs(extract(epoch from clock_timestamp() - noted_at)) < ${notedEverySeconds} as "isNoted"
       from reprise.certificates ${where}`,
    [environment, origin, seen.ownExpiresAt],
  )
  const [known] = rows
  if (known?.isKnown && (known.isNoted || !seenBy)) return
  if (!known?.isKnown) {
    const found = { ...seen, expiresAt: seen.ownExpiresAt }
    await recordCertificate(pool, place, found, alerts, undefined, seenBy)
  }
  if (seenBy)
    await pool.query(
      `update reprise.certificates set seen_by = $4, noted_at = clock_timestamp() ${where} and own_expires_at = $3`,
      [environment, origin, seen.ownExpiresAt, seenBy],
    )
  if (known?.isKnown) return
  // Where a server has two certificates, each look may see another one.
  await pool.query(
    `update reprise.certificates set looked_at = null ${where} and looked_at < clock_timestamp() - interval '1 hour'`,
    [environment, origin],
  )
}

/** Reads the names of the environments in which checks replay specs, by the configuration that took effect last. */
export async function readCheckedEnvironments(pool: pg.Pool): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ environment: string }>(
    `select distinct environment from reprise.checks where active and rules ->> 'source' is distinct from 'heartbeat'`,
  )
  return new Set(rows.map(({ environment }) => environment))
}

/** How often an instance notes that it has an origin in its configuration, and for how long that holds. */
const [configuredEverySeconds, configuredForSeconds] = [30, 300]

/** Notes that an instance has these in its configuration. */
export async function noteConfigured(pool: pg.Pool, places: readonly CertificatePlace[]): Promise<void> {
  await pool.query(
    `insert into reprise.certificates as known (environment, origin, configured_at)
     select environment, origin, clock_timestamp()
       from unnest($1::text[], $2::text[]) place (environment, origin) order by 1, 2
     on conflict (environment, origin) do update set configured_at = excluded.configured_at
      where known.configured_at is null
         or abs(extract(epoch from excluded.configured_at - known.configured_at)) >= ${configuredEverySeconds}`,
    columnsOf(places),
  )
}

/**
 * Removes the certificates of these environments, apart from those of the places and of those that another instance has in its
 * configuration, such as an older one that still runs; and those of environments without checks. Channels that were notified of
 * one are notified that it is not monitored any more.
 */
export async function forgetOthers(
  pool: pg.Pool,
  environments: readonly string[],
  checked: ReadonlySet<string>,
  places: readonly CertificatePlace[],
): Promise<void> {
  const isConfigured = `coalesce(abs(extract(epoch from clock_timestamp() - configured_at)) < ${configuredForSeconds}, false)`
  const others = `(environment = any($1) and not ${isConfigured} or environment <> all($2))
    and (environment, origin) not in (select * from unnest($3::text[], $4::text[]))`
  const values = [environments, [...checked], ...columnsOf(places)]
  const { rowCount } = await pool.query(`select from reprise.certificates where ${others} limit 1`, values)
  if (!rowCount) return
  await inTransaction(pool, async client => {
    const { rows } = await client.query<CertificatePlace>(
      `select environment, origin from reprise.certificates where ${others} order by environment, origin for update`,
      values,
    )
    await client.query(
      'delete from reprise.certificates where (environment, origin) in (select * from unnest($1::text[], $2::text[]))',
      columnsOf(rows),
    )
    const at = (await clock(client)).toISOString()
    for (const { environment, origin } of rows) {
      const end = { name: nameOf(origin), text: 'its certificate is not monitored any more', removed: true as const }
      await endMatter(client, { kind: 'certificate', environment, at, ...end })
    }
  })
}

const columnsOf = (places: readonly CertificatePlace[]) => [
  places.map(({ environment }) => environment),
  places.map(({ origin }) => origin),
]

const storedColumns = `environment, origin, seen_at as "seenAt", expires_at as "expiresAt",
  own_expires_at as "ownExpiresAt", subject, issuer, problem`

/** Reads those that were seen, the first to expire first. */
export async function readCertificates(pool: pg.Pool): Promise<StoredCertificate[]> {
  const { rows } = await pool.query<StoredCertificate & { problem: string | null }>(
    `select ${storedColumns} from reprise.certificates where seen_at is not null order by expires_at, environment, origin`,
  )
  return rows.map(({ problem, ...row }) => ({ ...row, ...(problem !== null && { problem }) }))
}
