/** Compares the messages that channels have got about checks with the news that they should have got. */
import { expect } from '@playwright/test'
import type { AlertedCheck, CheckMessage, News, SubjectMessage } from '../store/messages.ts'
import type { DeliveredNews, ExpectedNews, Model } from './alert-model.ts'

/** In order, by stream as in `Model.expected`. */
export type DeliveredMessages = ReadonlyMap<string, readonly CheckMessage[]>

export const aboutOf = (message: CheckMessage): string =>
  'incident' in message ? `incident ${message.incident}` : `unknown ${message.environment}`

export const newsIn = ({ checks }: CheckMessage): DeliveredNews[] =>
  checks.flatMap(({ name: check, news }) => (news === undefined ? [] : [{ check, news }]))

/**
 * Compares the news about each incident, and about unknown states, with the expected news in order. Throws for the first stream
 * that differs.
 * @param settled Those whose acceptance is stored.
 * @param wholeRuns Each of their kinds of news has to be in one message.
 */
export function compareNews(
  { expected, cut }: Model,
  { arrived, settled }: { arrived: DeliveredMessages; settled: DeliveredMessages },
  wholeRuns: ReadonlySet<string>,
): void {
  const strange = [...arrived.keys()].filter(stream => !expected.has(stream))
  expect(strange, 'a channel gets nothing else').toEqual([])
  for (const [stream, wanted] of expected) {
    const isCut = cut.has(stream)
    const isBegun = earlierStays(stream).some(earlier => settled.has(earlier))
    const faults = faultsOf(arrived.get(stream) ?? [], wanted, { wholeRuns, isCut, isBegun })
    if (faults.length > 0) throw new Error(`${stream}${isCut ? ', cut' : ''}: ${faults.join('\n')}`)
  }
}

function earlierStays(stream: string): string[] {
  const [, channel = '', stay = '1', about = ''] = /^([^/]*)\/(\d+) (.*)$/.exec(stream) ?? []
  return Array.from({ length: Number(stay) - 1 }, (_, nth) => `${channel}/${nth + 1} ${about}`)
}

interface Circumstances {
  wholeRuns: ReadonlySet<string>
  /** The channel was removed while some of it waited. */
  isCut: boolean
  /** The channel had messages of the incident before it was removed and came back. */
  isBegun: boolean
}

/** Compares the messages to one channel of one incident, or about the unknown states of an environment. */
function faultsOf(
  messages: readonly CheckMessage[],
  expected: readonly ExpectedNews[],
  { wholeRuns, isCut, isBegun }: Circumstances,
): string[] {
  const faults: string[] = []
  const left = [...expected]
  const kinds = new Map<string, CheckMessage['kind'][]>()
  for (const [index, message] of messages.entries()) {
    const { kind, checks } = message
    const found: ExpectedNews[] = []
    for (const { check: name, news } of newsIn(message)) {
      // It has to be the next news of this check.
      const next = left.find(({ check }) => check === name)
      if (next?.news !== news) faults.push(`${name} ${news} in place of ${next?.news ?? 'nothing'}`)
      if (!next) continue
      left.splice(left.indexOf(next), 1)
      found.push(next)
    }
    if (found.length === 0) faults.push(`message ${index} has no news`)
    const kindOf = kindWanted(kind, checks, { isFirst: index === 0 && !isBegun, isEnd: found.some(each => each.isEnd) })
    if (kind !== kindOf) faults.push(`message ${index} is ${kind}, not ${kindOf}`)
    const runs = new Set(found.map(each => each.found))
    for (const run of runs) kinds.set(run, [...(kinds.get(run) ?? []), kind])
    // Earlier news is not sent after later news, except for kinds that may overtake each other.
    const older = left.filter(({ news }) => seriesOf(news) === seriesOf(checks.find(check => check.news)?.news))
    const newest = Math.max(...[...runs].map(run => expected.findIndex(entry => entry.found === run)))
    const overtaken = older.filter(entry => expected.indexOf(entry) < newest)
    if (overtaken.length > 0)
      faults.push(`message ${index} overtakes ${overtaken.map(({ check, news }) => `${check} ${news}`)}`)
  }
  if (left.length > 0 && !isCut) faults.push(`missing: ${left.map(({ check, news }) => `${check} ${news}`)}`)
  for (const [run, all] of kinds) {
    const named = expected.filter(({ found }) => found === run).map(({ check }) => check)
    // A fall that was held back by maintenance, and recovered in the same run.
    if (named.length > new Set(named).size) continue
    const known = all.map(kind => (kind === 'up' || kind === 'down' ? 'update' : kind))
    if (wholeRuns.has(run) && known.length > new Set(known).size)
      faults.push(`${run} is ${all.length} messages: ${all}`)
  }
  return faults
}

/** News of the same series keeps its order. */
const seriesOf = (news: News | undefined) =>
  news === 'flapping' || news === 'unknown' || news === 'known' ? news : 'turns'

function kindWanted(
  kind: CheckMessage['kind'],
  checks: readonly AlertedCheck[],
  { isFirst, isEnd }: { isFirst: boolean; isEnd: boolean },
): string {
  if (kind === 'unknown' || kind === 'known')
    return checks.every(({ news }) => news === 'unknown') ? 'unknown' : 'known'
  if (isFirst) return 'down'
  if (isEnd) return 'up'
  return checks.some(({ news }) => news === 'flapping') ? 'flapping' : 'update'
}

/** A message, or the removal of the channel. */
export interface DeliveredMatter {
  channel: string
  message: SubjectMessage | undefined
}

/**
 * Each is reported once before it ends, and nothing ends that was not reported. Of some, a fall is the end. After its return a
 * channel may get what it has got before.
 */
export function faultsOfMatters(delivered: readonly DeliveredMatter[]): string[] {
  /** By channel and matter: whether it has begun. */
  const states = new Map<string, Map<string, boolean>>()
  /** Channels of which it is not known what they know. */
  const returned = new Set<string>()
  return delivered.flatMap(({ channel, message }) => {
    if (message === undefined) {
      states.delete(channel)
      returned.add(channel)
      return []
    }
    const { kind, phase, environment, subjects } = message
    const known = states.get(channel) ?? new Map<string, boolean>()
    states.set(channel, known)
    return subjects.flatMap(({ name }) => {
      const matter = `${kind} ${environment} ${name}`
      const hasBegun = known.get(matter) ?? (returned.has(channel) ? undefined : false)
      known.set(matter, phase === 'began')
      if (phase !== 'began') return hasBegun === false ? [`${channel}: ${matter} ended, and had not begun`] : []
      return hasBegun && kind !== 'degraded' ? [`${channel}: ${matter} began twice`] : []
    })
  })
}
