/** Visibility: what the viewer of a request may see. Pages and the API ask it for everything that they show. */
import type { Response } from 'express'
import type { Configuration } from '../config/configuration.ts'
import type { CheckPage } from './check-reader.ts'
import type { Overview, Status } from './status.ts'
import type { Viewer } from './viewer.ts'
import { spanOf } from './visible-span.ts'

export interface Visibility {
  /** Also evidence: reasons, errors, addresses, notes. */
  readonly isOperator: boolean
  /** The viewer has to sign in to see anything. */
  readonly isNothing: boolean
  /** Whether checks of this name may be shown. */
  sees(check: string): boolean
  /** Whether a path may be requested; a page that is not known to leave out what is hidden may not. */
  mayRequest(path: string): boolean
  /** Whether names of environments, locations and channels may be shown. */
  readonly environments: boolean
  readonly locations: boolean
  readonly channels: boolean
  /** Whether counts over all checks may be shown. */
  readonly totals: boolean
}

/** What visitors see if the configuration does not say. */
export type PublicByDefault = 'all' | 'none'

/** Without any of the monitor's data. */
const isHarmless = (path: string) => /^\/(healthz$|[\w.-]+\.(css|mjs|js)$)/.test(path)

const everything = {
  isNothing: false,
  sees: () => true,
  mayRequest: () => true,
  environments: true,
  locations: true,
  channels: true,
  totals: true,
}
const nothing: Visibility = {
  ...{ isOperator: false, isNothing: true, sees: () => false, mayRequest: isHarmless },
  ...{ environments: false, locations: false, channels: false, totals: false },
}

const ofCheck = /^(?:\/api)?\/checks\/([^/]+)(?:\/|$)|^\/badges\/([^/]+)\.svg$/
const filtered = /^\/(events|incidents(\/\d+|\.atom)?|leaks|api\/(checks|incidents(\/\d+)?|leaks|openapi\.json))?$/

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
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
    mayRequest: path => {
      const name = ofCheck
        .exec(path)
        ?.slice(1)
        .find(found => found !== undefined)
      return isHarmless(path) || (name === undefined ? filtered.test(path) : released.includes(decoded(name)))
    },
    environments: shows.includes('environments'),
    locations: shows.includes('locations'),
    channels: shows.includes('channels'),
    totals: false,
  }
}

/** Of the request that this responds to. */
export function visibilityOf(response: Response): Visibility {
  return response.locals.visibility ?? nothing
}

/** In place of names that are not shown. */
const neutral = { environment: 'the service', location: 'a location', channel: 'a channel' }

/** Replaces names that the viewer may not see, wherever they are in the data of a page. */
export function visibleNames<T>(data: T, visibility: Visibility): T {
  const { environments, locations, channels } = visibility
  if (environments && locations && channels) return data
  const hidden = new Map<string, string>([
    ...(environments ? [] : [['environment', neutral.environment] as const]),
    ...(locations ? [] : [['location', neutral.location] as const]),
    ...(channels ? [] : [['channel', neutral.channel] as const]),
  ])
  const replaced = (value: unknown, name = ''): unknown => {
    const other = hidden.get(name)
    if (typeof value === 'string' && other !== undefined) return other
    if (Array.isArray(value)) return value.map(each => replaced(each, name.replace(/s$/, '')))
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaced(inner, key)]))
  }
  return replaced(data) as T
}

/** Leaves out of a status, or of an overview, what the viewer may not see. */
export function visibleStatus<S extends Overview & Partial<Pick<Status, 'incidents'>>>(
  status: S,
  visibility: Visibility,
): S {
  if (visibility.isOperator) return status
  const { checks, undelivered, unsent, incidents } = status
  const released = {
    ...status,
    checks: checks.filter(({ name }) => visibility.sees(name)),
    undelivered: visibility.channels ? undelivered.map(waiting => ({ ...waiting, lastError: null })) : [],
    unsent: visibility.channels ? unsent : [],
    ...(incidents && {
      incidents: incidents.flatMap(incident => {
        const seen = incident.checks.filter(({ name }) => visibility.sees(name))
        if (seen.length === 0) return []
        const { openedAt, closedAt } = spanOf(seen)
        return closedAt === null ? [{ ...incident, openedAt, checks: seen }] : []
      }),
    }),
  }
  return visibleNames(released, visibility)
}

/** Without the cursor to older replays where it would show a location. */
export function visibleCheckPage(page: CheckPage, visibility: Visibility): CheckPage {
  const older = visibility.locations ? page.replays.older : undefined
  return visibleNames({ ...page, replays: { ...page.replays, older } }, visibility)
}
