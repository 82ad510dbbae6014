/** ReportTokens: the parts of a report's path that cannot be guessed. Each is bound to a run and ends. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type pg from 'pg'

export interface ReportTokens {
  /** Of a report that is opened at this time. */
  of(run: string, now: number): string
  check(token: string, run: string, now: number): 'valid' | 'expired' | 'wrong'
  /** The label of the run's origin. It is in DNS requests, and thus no secret. */
  label(run: string): string
}

/** How long a token is valid at least. It ends with an hour, so that a report that is opened again has the same path. */
const validMs = 12 * 3_600_000
const hourMs = 3_600_000

export function reportTokens(key: Buffer): ReportTokens {
  const sign = (text: string) => createHmac('sha256', key).update(text).digest('hex').slice(0, 40)
  const tokenOf = (run: string, hour: string) => `${hour}-${sign(`report ${run} ${hour}`)}`
  return {
    of: (run, now) => tokenOf(run, Math.ceil((now + validMs) / hourMs).toString(36)),
    check(token, run, now) {
      const [hour = ''] = token.split('-')
      if (!isEqual(token, tokenOf(run, hour))) return 'wrong'
      return Number.parseInt(hour, 36) * hourMs > now ? 'valid' : 'expired'
    },
    label: run => `r${sign(`origin ${run}`).slice(0, 31)}`,
  }
}

/** In a time that does not depend on where they differ. */
function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** The key that all instances share, in their database. */
export async function readReportKey(pool: pg.Pool): Promise<Buffer> {
  await pool.query('insert into reprise.report_keys (key) values ($1) on conflict do nothing', [randomBytes(32)])
  const { rows } = await pool.query<{ key: Buffer }>('select key from reprise.report_keys')
  const [row] = rows
  if (!row) throw new Error("The key for the paths of reports is not in the monitor's database.")
  return row.key
}
