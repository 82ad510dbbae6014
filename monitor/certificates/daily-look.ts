/** Looks at the certificates of all https environments once a day. */
import type pg from 'pg'
import type { Environment } from '../../environment/environment.ts'
import {
  type CertificatePlace,
  forgetOthers,
  lookAgain,
  readCertificates,
  recordCertificate,
  takeUnseen,
} from '../store/certificates.ts'
import { lookAtCertificate } from './look.ts'

const patienceMs = 10_000
const hourMs = 3_600_000

/**
 * Looks at those that no instance has looked at for a day. Who does not answer is tried again after an hour; that a service does
 * not answer is for its checks to find. Throws the database's errors.
 * @param environments Those with checks, by name.
 * @param stopping Ends the looks, which are then the next ones to be made.
 */
export async function lookDaily(
  pool: pg.Pool,
  environments: ReadonlyMap<string, Environment>,
  stopping: AbortSignal,
): Promise<void> {
  const places = [...environments].flatMap(([environment, settings]) =>
    httpsOrigins(settings).map(origin => ({ environment, origin })),
  )
  await forgetOthers(pool, places)
  const taken = await takeUnseen(pool, places)
  await Promise.all(taken.map(place => look(pool, place, environments.get(place.environment), stopping)))
}

async function look(
  pool: pg.Pool,
  place: CertificatePlace,
  settings: Environment | undefined,
  stopping: AbortSignal,
): Promise<void> {
  const ignoresErrors = settings?.tls?.ignoreHTTPSErrors ?? false
  const signal = AbortSignal.any([AbortSignal.timeout(patienceMs), stopping])
  const seen = await lookAtCertificate(place.origin, { ignoresErrors, signal })
  if (seen) return recordCertificate(pool, place, seen)
  if (stopping.aborted) return lookAgain(pool, place, 0)
  await lookAgain(pool, place, hourMs)
  // Where only replays can see it, such as through a proxy, its end comes nearer as well.
  const known = (await readCertificates(pool)).find(
    ({ environment, origin }) => environment === place.environment && origin === place.origin,
  )
  if (known) await recordCertificate(pool, place, known)
}

/** Of the base URL and of the other origins, without duplicates. */
function httpsOrigins({ baseURL, origins = [] }: Environment): string[] {
  const urls = [baseURL, ...origins].flatMap(url => (URL.canParse(url) ? new URL(url) : []))
  return [...new Set(urls.filter(({ protocol }) => protocol === 'https:').map(({ origin }) => origin))]
}
