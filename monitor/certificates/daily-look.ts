/** Looks at the certificates of all https environments once a day. */
import type pg from 'pg'
import type { Environment } from '../../environment/environment.ts'
import { countedBatch } from '../store/batch.ts'
import type { SeenCertificate } from '../store/certificate-level.ts'
import {
  type CertificateAlerts,
  type CertificatePlace,
  forgetOthers,
  lookAgain,
  noteConfigured,
  readCertificates,
  readCheckedEnvironments,
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
 * @param alerts When channels are notified; absent: as if nothing was configured.
 */
export async function lookDaily(
  pool: pg.Pool,
  environments: ReadonlyMap<string, Environment>,
  stopping: AbortSignal,
  alerts?: CertificateAlerts,
): Promise<void> {
  // Another instance may have a newer configuration: an environment that this one does not know is left to that.
  const checked = await readCheckedEnvironments(pool)
  const places = [...environments].flatMap(([environment, settings]) =>
    checked.has(environment) ? httpsOrigins(settings).map(origin => ({ environment, origin })) : [],
  )
  await noteConfigured(pool, places)
  await forgetOthers(pool, [...environments.keys()], checked, places)
  const taken = await takeUnseen(pool, places)
  const batch = countedBatch(taken.length)
  const record = (place: CertificatePlace, seen: SeenCertificate) => recordCertificate(pool, place, seen, alerts, batch)
  await Promise.all(
    taken.map(async place => {
      const seen = await look(pool, place, environments.get(place.environment), stopping)
      if (seen) await record(place, seen)
      else batch.left--
    }),
  )
}

/** Undefined if nothing is known. */
async function look(
  pool: pg.Pool,
  place: CertificatePlace,
  settings: Environment | undefined,
  stopping: AbortSignal,
): Promise<SeenCertificate | undefined> {
  const ignoresErrors = settings?.tls?.ignoreHTTPSErrors ?? false
  const signal = AbortSignal.any([AbortSignal.timeout(patienceMs), stopping])
  const seen = await lookAtCertificate(place.origin, { ignoresErrors, signal })
  if (seen) return seen
  await lookAgain(pool, place, stopping.aborted ? 0 : hourMs)
  if (stopping.aborted) return undefined
  // Where only replays can see it, such as through a proxy, its end comes nearer as well.
  return (await readCertificates(pool)).find(
    ({ environment, origin }) => environment === place.environment && origin === place.origin,
  )
}

/** Of the base URL and of the other origins, without duplicates. */
function httpsOrigins({ baseURL, origins = [] }: Environment): string[] {
  const urls = [baseURL, ...origins].flatMap(url => (URL.canParse(url) ? new URL(url) : []))
  return [...new Set(urls.filter(({ protocol }) => protocol === 'https:').map(({ origin }) => origin))]
}
