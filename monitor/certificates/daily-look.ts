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

/**
 * Looks at those that no instance has looked at for a day. Who does not answer is tried again after an hour; that a service does
 * not answer is for its checks to find. Throws the database's errors.
 * @param environments Those with checks, by name.
 */
export async function lookDaily(pool: pg.Pool, environments: ReadonlyMap<string, Environment>): Promise<void> {
  const places = [...environments].flatMap(([environment, settings]) =>
    httpsOrigins(settings).map(origin => ({ environment, origin })),
  )
  await forgetOthers(pool, places)
  const looks = (await takeUnseen(pool, places)).map(place => look(pool, place, environments.get(place.environment)))
  await Promise.all(looks)
}

async function look(pool: pg.Pool, place: CertificatePlace, settings: Environment | undefined): Promise<void> {
  const ignoresErrors = settings?.tls?.ignoreHTTPSErrors ?? false
  const signal = AbortSignal.timeout(patienceMs)
  const seen = await lookAtCertificate(place.origin, { ignoresErrors, signal })
  if (seen) return recordCertificate(pool, place, seen)
  await lookAgain(pool, place)
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
