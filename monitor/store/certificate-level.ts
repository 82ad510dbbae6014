/** Decides how near the end of a certificate is, and when that is worth a message. */

const dayMs = 86_400_000

/** When channels are notified of the end of a certificate. */
export interface CertificateRules {
  /** In how many days at most it expires when they are notified again. They are always notified when it has expired. */
  warnDays: readonly number[]
  /** From so many days on, it is critical. */
  criticalDays: number
}

export const usualCertificateRules: CertificateRules = { warnDays: [30, 14, 7, 3, 1], criticalDays: 7 }

/** In place of a level: clients do not trust the certificate. */
const untrusted = -1

export interface SeenCertificate {
  /** The end of the first of its chain that expires. */
  expiresAt: Date
  /** Its own end. */
  ownExpiresAt: Date
  subject: string
  issuer: string
  /** Why clients do not trust it, such as another host name; undefined if they do. */
  problem?: string | undefined
}

/** The lowest of the `warnDays` that is reached, or 0 if it has expired, or `untrusted`; undefined if all is well. */
export function levelOf(
  { expiresAt, problem }: SeenCertificate,
  now: Date,
  { warnDays }: CertificateRules,
): number | undefined {
  const days = (expiresAt.getTime() - now.getTime()) / dayMs
  if (days <= 0) return 0
  if (problem !== undefined) return untrusted
  const reached = warnDays.filter(level => days <= level)
  return reached.length === 0 ? undefined : Math.min(...reached)
}

export interface Alerted {
  level: number | null
  at: Date
}

/**
 * Whether a level is worth a message: nothing is open, or it is worse, and the last message is a day old. `alerted`: the last
 * message; its level is null if that was the end.
 */
export function isNews(level: number, alerted: Alerted | undefined, now: Date): boolean {
  if (!alerted) return true
  // An hour less than a day: the next daily look may come a little early.
  if (Math.abs(now.getTime() - alerted.at.getTime()) < dayMs - 3_600_000) return false
  return alerted.level === null || level < alerted.level
}

/** By the days that are left: `criticalDays` need not be one of the `warnDays`, and the first look may come between two of them. */
export function severityOf(
  level: number,
  { expiresAt }: Pick<SeenCertificate, 'expiresAt'>,
  now: Date,
  { criticalDays }: CertificateRules,
): 'critical' | 'warning' {
  const days = (expiresAt.getTime() - now.getTime()) / dayMs
  return level <= 0 || days <= criticalDays ? 'critical' : 'warning'
}

/** One sentence without the host. */
export function certificateText({ expiresAt, subject, issuer, problem }: SeenCertificate, now: Date): string {
  const from = `of ${subject}, issued by ${issuer}`
  const date = expiresAt.toISOString().slice(0, 10)
  const days = Math.floor((expiresAt.getTime() - now.getTime()) / dayMs)
  if (expiresAt <= now) return `the certificate ${from} expired on ${date}`
  if (problem !== undefined) return `clients do not trust the certificate ${from}: ${problem}`
  const when = days === 0 ? 'in less than a day' : `in ${days} ${days === 1 ? 'day' : 'days'}`
  return `the certificate ${from} expires ${when}, on ${date}`
}
