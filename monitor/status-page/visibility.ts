/** Visibility: what the viewer of a request may see. Pages and the API ask it for everything that they show. */
import type { Response } from 'express'
import type { Configuration } from '../config/configuration.ts'
import type { Overview, Status } from './status.ts'
import type { Viewer } from './viewer.ts'

export interface Visibility {
  /** Also evidence: reasons, errors, addresses, notes. */
  readonly isOperator: boolean
  /** The viewer has to sign in to see anything. */
  readonly isNothing: boolean
  /** Whether checks of this name may be shown. */
  sees(check: string): boolean
  /** Whether names of environments, locations and channels may be shown. */
  readonly environments: boolean
  readonly locations: boolean
  readonly channels: boolean
}

/** What visitors see if the configuration does not say. */
export type PublicByDefault = 'all' | 'none'

const everything = { isNothing: false, sees: () => true, environments: true, locations: true, channels: true }
const nothing: Visibility = {
  ...{ isOperator: false, isNothing: true, sees: () => false },
  ...{ environments: false, locations: false, channels: false },
}

export function visibilityFor(
  viewer: Viewer,
  { public: shown, shows }: Configuration['statusPage'],
  byDefault: PublicByDefault,
): Visibility {
  if (viewer.kind === 'operator') return { ...everything, isOperator: true }
  const released = shown ?? byDefault
  if (released === 'none') return nothing
  if (released === 'all') return { ...everything, isOperator: false }
  return {
    isOperator: false,
    isNothing: false,
    sees: check => released.includes(check),
    environments: shows.includes('environments'),
    locations: shows.includes('locations'),
    channels: shows.includes('channels'),
  }
}

/** Of the request that this responds to. */
export function visibilityOf(response: Response): Visibility {
  return response.locals.visibility ?? nothing
}

/** In place of names that are not shown. */
const [anEnvironment, aLocation] = ['the service', 'a location']

const environmentShown = ({ environments }: Visibility, name: string) => (environments ? name : anEnvironment)

const locationShown = ({ locations }: Visibility, name: string) => (locations ? name : aLocation)

/** Leaves out of a status, or of an overview, what the viewer may not see. */
export function visibleStatus<S extends Overview & Partial<Pick<Status, 'incidents'>>>(
  status: S,
  visibility: Visibility,
): S {
  if (visibility.isOperator) return status
  const { checks, undelivered, unsent, incidents } = status
  return {
    ...status,
    checks: checks.filter(({ name }) => visibility.sees(name)).map(check => visibleCheck(check, visibility)),
    undelivered: visibility.channels ? undelivered.map(waiting => ({ ...waiting, lastError: null })) : [],
    unsent: visibility.channels ? unsent : [],
    ...(incidents && {
      incidents: incidents
        .map(incident => ({
          ...incident,
          environment: environmentShown(visibility, incident.environment),
          checks: incident.checks.filter(({ name }) => visibility.sees(name)),
        }))
        .filter(incident => incident.checks.length > 0),
    }),
  }
}

function visibleCheck(check: Overview['checks'][number], visibility: Visibility): Overview['checks'][number] {
  const { environment, lastReplay, error } = check
  const locations = (names: readonly string[]) => (visibility.locations ? [...names] : [aLocation])
  return {
    ...check,
    environment: environmentShown(visibility, environment),
    lastReplay: lastReplay && { ...lastReplay, location: locationShown(visibility, lastReplay.location) },
    error: error && { ...error, locations: locations(error.locations) },
  }
}
