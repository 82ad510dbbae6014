/** OverviewFilter: which checks the overview shows, and how; from the query of its URL. */
import type { Check } from '../config/configuration.ts'
import type { CheckStatus } from './status.ts'

export const shownStates = [
  'down',
  'degraded',
  'unknown',
  'maintenance',
  'up',
] as const satisfies CheckStatus['state'][]
export const groupings = ['tag', 'environment', 'state'] as const

export interface OverviewFilter {
  /** A part of the name, in any case; empty: all. */
  q: string
  /** Empty: all. */
  state: string
  tag: string
  environment: string
  /** Empty: not grouped. */
  group: string
  /** From 1. */
  page: number
}

/** Reads a query as Express parses it. What cannot be read is left out. */
export function filterOf(query: Readonly<Record<string, unknown>>): OverviewFilter {
  const text = (name: string) => {
    const value = query[name]
    return typeof value === 'string' ? value.trim().slice(0, 200) : ''
  }
  const page = Number(text('page'))
  return {
    q: text('q'),
    state: shownStates.find(state => state === text('state')) ?? '',
    tag: text('tag'),
    environment: text('environment'),
    group: groupings.find(group => group === text('group')) ?? '',
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
  }
}

/** The path of the overview with this filter. */
export function overviewPath(filter: OverviewFilter): string {
  const { page, ...texts } = filter
  const query = new URLSearchParams(Object.entries(texts).filter(([, value]) => value !== ''))
  if (page > 1) query.set('page', String(page))
  return query.size === 0 ? '/' : `/?${query}`
}

export const isFiltered = ({ q, state, tag, environment }: OverviewFilter) => [q, state, tag, environment].some(Boolean)

export function matches({ q, state, tag, environment }: OverviewFilter, tags: TagsOf) {
  const part = q.toLowerCase()
  return (check: CheckStatus) =>
    check.name.toLowerCase().includes(part) &&
    (state === '' || check.state === state) &&
    (tag === '' || tags(check.name).includes(tag)) &&
    (environment === '' || check.environment === environment)
}

export type TagsOf = (check: string) => readonly string[]

export function tagsOf(checks: readonly Pick<Check, 'name' | 'tags'>[]): TagsOf {
  const byName = new Map(checks.map(({ name, tags }) => [name, tags]))
  return name => byName.get(name) ?? []
}

/** The heading under which a check stands: its first tag, its environment, or its state. Empty: none. */
export function groupOf({ group }: OverviewFilter, tags: TagsOf) {
  return (check: CheckStatus): string => {
    if (group === 'tag') return tags(check.name)[0] ?? ''
    if (group === 'environment') return check.environment
    return group === 'state' ? check.state : ''
  }
}
