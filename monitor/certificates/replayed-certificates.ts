/** Records the certificates that replays have seen. */
import type pg from 'pg'
import type { RecordedCertificate } from '../../environment/contract/attempt-log.ts'
import { type CertificateAlerts, recordReplayed } from '../store/certificates.ts'
import type { FailureEvidence } from '../store/messages.ts'

export interface ReplayedCertificate extends RecordedCertificate {
  /** What is known of the replay. */
  seenBy?: FailureEvidence
}

/** What cannot be recorded now will be with the next replay. */
export async function recordReplayedCertificates(
  pool: pg.Pool,
  environment: string,
  certificates: readonly ReplayedCertificate[],
  alerts?: CertificateAlerts,
): Promise<void> {
  for (const { origin, expiresAt, subject, issuer, seenBy } of certificates) {
    const seen = { subject: subject || 'an unnamed subject', issuer: issuer || 'an unnamed issuer' }
    const ends = { ownExpiresAt: new Date(expiresAt) }
    await recordReplayed(pool, { environment, origin }, { ...seen, ...ends }, alerts, seenBy).catch(() => undefined)
  }
}
