/** Writes the digests that have come due. */
import type pg from 'pg'
import { digestLines } from '../alerts/digest-lines.ts'
import type { Configuration } from '../config/configuration.ts'
import { type DueTimes, dueTimes } from '../schedule/due-times.ts'
import { databaseTime } from '../store/check-locations.ts'
import { readDigestFigures } from '../store/digest-figures.ts'
import { channelsWithoutDigest, writeDigest } from '../store/digests.ts'
import { readMigrationTime } from '../store/incident-history.ts'

type Digest = NonNullable<Configuration['digest']>

const dayMs = 86_400_000

/** A digest that came due while no monitor ran is written this much later at most. */
const latestMs = dayMs

/** How far back a digest reaches at most. */
const longestMs = 31 * dayMs

/**
 * Returns a function that writes what has come due since it was called last; the first time, within the last day. It returns in
 * how many milliseconds it is to be called again.
 */
export function createDigests(pool: pg.Pool, configured: () => Digest | undefined): () => Promise<number> {
  let writtenUntil: Date | undefined
  return async () => {
    const now = await databaseTime(pool)
    // A clock that was set back does not skip anything: each digest is written once.
    const earliest = now.getTime() - latestMs
    const after = new Date(Math.max(earliest, Math.min(writtenUntil?.getTime() ?? earliest, now.getTime())))
    const digest = configured()
    if (digest) await writeDueDigest(pool, digest, after, now)
    writtenUntil = now
    return everyMs
  }
}

const everyMs = 60_000

/** Writes the last digest that has come due in `(after, now]`. */
export async function writeDueDigest(pool: pg.Pool, digest: Digest, after: Date, now: Date): Promise<void> {
  const times = dueTimes(digest)
  try {
    const due = times.between(after, now).at(-1)
    // Before the store existed there was nothing to summarize.
    if (!due || due < (await readMigrationTime(pool))) return
    const channels = await channelsWithoutDigest(pool, digest.channels, due)
    if (channels.length === 0) return
    const from = beginOf(times, due)
    const lines = digestLines(await readDigestFigures(pool, from, due))
    await writeDigest(pool, channels, { kind: 'digest', from: from.toISOString(), at: due.toISOString(), lines })
  } finally {
    times.close()
  }
}

/** The due time before; searched in growing spans, since most digests are daily or weekly. */
function beginOf(times: DueTimes, due: Date): Date {
  const before = new Date(due.getTime() - 1)
  for (const days of [1, 8]) {
    const earlier = times.between(new Date(due.getTime() - days * dayMs - 1), before).at(-1)
    if (earlier) return earlier
  }
  const longest = new Date(due.getTime() - longestMs)
  return times.between(longest, before).at(-1) ?? longest
}
