/** Keeps the certificates of environments, and writes the messages about those that expire or are not trusted. */
import type pg from 'pg'
import { certificateText, isNews, levelOf, type SeenCertificate, severityOf } from './certificate-level.ts'
import { beginMatter, endMatter } from './notices.ts'
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
    [places.map(({ environment }) => environment), places.map(({ origin }) => origin)],
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

/**
 * Records a certificate, and notifies the channels of the environment when it is about to expire or is not trusted, at most once
 * a day, and when that is over.
 */
export async function recordCertificate(pool: pg.Pool, place: CertificatePlace, seen: SeenCertificate): Promise<void> {
  const { environment, origin } = place
  await inTransaction(pool, async client => {
    await client.query(
      'insert into reprise.certificates (environment, origin) values ($1, $2) on conflict do nothing',
      [environment, origin],
    )
    const { rows } = await client.query<{ level: number | null; at: Date | null; now: Date }>(
      `select alerted_level as level, alerted_at as at, clock_timestamp() as now
         from reprise.certificates where environment = $1 and origin = $2 for no key update`,
      [environment, origin],
    )
    const [row] = rows
    if (!row) return
    const { now } = row
    const alerted = row.at ? { level: row.level, at: row.at } : undefined
    const level = levelOf(seen, now)
    const matter = {
      ...{ kind: 'certificate' as const, environment, name: new URL(origin).host, at: now.toISOString() },
      text: certificateText(seen, now),
    }
    let reported = alerted
    // What was expired or not trusted is over, although the certificate is about to expire again.
    const isReplaced = level !== undefined && alerted?.level != null && alerted.level <= 0 && level > 0
    if (alerted?.level != null && (level === undefined || isReplaced)) {
      await endMatter(client, matter)
      reported = { level: null, at: now }
    } else if (level !== undefined && alerted?.level != null && level > alerted.level) {
      reported = { level, at: alerted.at }
    } else if (level !== undefined && isNews(level, alerted, now)) {
      await beginMatter(client, { ...matter, severity: severityOf(level), since: matter.at }, { again: true })
      reported = { level, at: now }
    }
    await client.query(
      `update reprise.certificates
          set seen_at = clock_timestamp(), expires_at = $3, own_expires_at = $4, subject = $5, issuer = $6,
              problem = $7, alerted_level = $8, alerted_at = $9
        where environment = $1 and origin = $2`,
      [
        ...[environment, origin, seen.expiresAt, seen.ownExpiresAt, seen.subject, seen.issuer, seen.problem],
        ...[reported?.level, reported?.at],
      ],
    )
  })
}

/**
 * Records a certificate that a replay has seen, unless it is the known one. Of a new one, the chain and whether clients trust it
 * are not known, so that it is looked at next.
 */
export async function recordReplayed(
  pool: pg.Pool,
  place: CertificatePlace,
  seen: Pick<SeenCertificate, 'ownExpiresAt' | 'subject' | 'issuer'>,
): Promise<void> {
  const where = 'where environment = $1 and origin = $2'
  const { environment, origin } = place
  const { rows } = await pool.query<{ isKnown: boolean | null }>(
    `select own_expires_at = $3 as "isKnown" from reprise.certificates ${where}`,
    [environment, origin, seen.ownExpiresAt],
  )
  if (rows[0]?.isKnown) return
  await recordCertificate(pool, place, { ...seen, expiresAt: seen.ownExpiresAt })
  // Where a server has two certificates, each look may see another one.
  await pool.query(
    `update reprise.certificates set looked_at = null ${where} and looked_at < clock_timestamp() - interval '1 hour'`,
    [environment, origin],
  )
}

/** Removes those of origins that are not configured any more; what they were alerted of has no end any more. */
export async function forgetOthers(pool: pg.Pool, places: readonly CertificatePlace[]): Promise<void> {
  const removed = `
    with removed as (
      delete from reprise.certificates
       where (environment, origin) not in (select * from unnest($1::text[], $2::text[]))
      returning environment, origin
    )
    delete from reprise.open_notices using removed
     where stream = 'certificate ' || environment and subject = regexp_replace(origin, '^https://', '')`
  await pool.query(removed, [places.map(({ environment }) => environment), places.map(({ origin }) => origin)])
}

/** Reads those that were seen, the first to expire first. */
export async function readCertificates(pool: pg.Pool): Promise<StoredCertificate[]> {
  const { rows } = await pool.query<StoredCertificate & { problem: string | null }>(
    `select environment, origin, seen_at as "seenAt", expires_at as "expiresAt", own_expires_at as "ownExpiresAt", subject, issuer, problem
       from reprise.certificates where seen_at is not null order by expires_at, environment, origin`,
  )
  return rows.map(({ problem, ...row }) => ({ ...row, ...(problem !== null && { problem }) }))
}
