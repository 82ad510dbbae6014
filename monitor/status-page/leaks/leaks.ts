/** Reads what `/leaks` shows to a viewer, on the page and as JSON. */
import type pg from 'pg'
import { seenAt } from '../../../environment/ledger/entry.ts'
import { databaseTime } from '../../store/check-locations.ts'
import {
  type Leak,
  type LeakCount,
  type MonthOfCreations,
  readCountedSince,
  readLeakCounts,
  readLeaks,
  readMonthsOfCreations,
  readUnruledRoutes,
  type UnruledRoute,
} from '../../store/leaks.ts'
import { type Visibility, visibleNames } from '../visibility.ts'
import { ruleToWrite } from './rule-to-write.ts'

/** How many requests, and how many routes, are listed. */
const mostListed = 200

export interface Leaks {
  at: Date
  /** Since when creations are counted. */
  countedSince: Date
  /** Of all checks, newest first. Absent: the viewer sees some of them only. */
  months?: MonthOfCreations[]
  /** What may be left, by environment and check. */
  counts: LeakCount[]
  /** Absent: the viewer is not an operator. */
  details?: LeakDetails
}

interface LeakDetails {
  /** Oldest first. */
  requests: LeakedRequest[]
  /** Latest first. */
  unruled: UnruledRoute[]
}

interface LeakedRequest {
  /** Of the row in the ledger. */
  id: string
  environment: string
  check: string
  at: Date
  method: string
  url: string
  /** Why it is not known to be removed. */
  reason: string
  /** Addresses of what is there. */
  things: string[]
  /** The cleanup rule to write; null: a rule would not help, or the reason names it. */
  rule: string | null
}

export async function readShownLeaks(pool: pg.Pool, visibility: Visibility): Promise<Leaks> {
  const { isOperator } = visibility
  const [at, countedSince, months, counts, leaks, unruled] = await Promise.all([
    databaseTime(pool),
    readCountedSince(pool),
    readMonthsOfCreations(pool),
    readLeakCounts(pool),
    isOperator ? readLeaks(pool, mostListed) : [],
    isOperator ? readUnruledRoutes(pool, mostListed) : [],
  ])
  if (isOperator) return { at, countedSince, months, counts, details: { requests: leaks.map(requestOf), unruled } }
  const seen = counts.filter(({ check }) => check.split(', ').every(visibility.sees))
  return visibleNames({ at, countedSince, counts: seen, ...(visibility.totals && { months }) }, visibility)
}

function requestOf(leak: Leak): LeakedRequest {
  const { id, environment, check = '', at, method, url } = leak.intent
  return {
    id,
    environment,
    check,
    at: new Date(at),
    method,
    url,
    reason: leak.reason ?? 'its replay ended before its response arrived; the next sweep looks at it',
    things: leak.things.flatMap(thing => seenAt(thing) ?? []),
    rule: ruleToWrite(leak),
  }
}
