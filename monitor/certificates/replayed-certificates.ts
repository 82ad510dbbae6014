/** Records the certificates that replays have seen. */
import type pg from 'pg'
import type { RecordedCertificate } from '../../environment/contract/attempt-log.ts'
import { type CertificateAlerts, recordReplayed } from '../store/certificates.ts'

/** What cannot be recorded now will be with the next replay. */
export async function recordReplayedCertificates(
  pool: pg.Pool,
  environment: string,
  certificates: readonly RecordedCertificate[],
  alerts?: CertificateAlerts,
): Promise<void> {
  for (const { origin, expiresAt, subject, issuer } of certificates) {
    const seen = { subject: subject || 'an unnamed subject', issuer: issuer || 'an unnamed issuer' }
    await recordReplayed(pool, { environment, origin }, { ...seen, ownExpiresAt: new Date(expiresAt) }, alerts).catch(
      () => undefined,
    )
  }
}
