/**
 * Judges what channels have got in a simulation in which operators add and remove a channel, mute another, and mute checks or
 * keep them in maintenance.
 */
import type { News } from '../store/messages.ts'
import type { Received } from './simulated-monitor.ts'

/** In milliseconds since the epoch. */
export interface Span {
  from: number
  until: number
}

/** A check was down in an incident. */
export interface Outage extends Span {
  check: string
  incident: number
}

interface Operated {
  /** When the channel was configured. */
  added: readonly Span[]
  /** When the other was muted. */
  muted: readonly Span[]
  /** When these checks were muted or in maintenance. */
  quiet: ReadonlyMap<string, readonly Span[]>
  /** When nothing could be replayed, stored or delivered; by channel, when that one refused. */
  disturbed: readonly (Span & { channel?: string })[]
}

/** Longer than two slots, and the pause after a failed delivery. */
const noticedWithinMs = 150_000
/** The longest pause between two attempts to deliver, and some. */
const recoveredWithinMs = 360_000

/** `at` in `(from, until]`. */
const isIn = ({ from, until }: Span, at: number) => from < at && at <= until

export const late = 'late'
export const night = 'night'

/** Names the times in which the channel was configured apart, so that each can be judged by itself. */
export function byStretch(received: readonly Received[], { added }: Operated): Received[] {
  return received.map(each =>
    each.channel === late ? { ...each, channel: stretchName(added.findIndex(span => isIn(span, each.at))) } : each,
  )
}

const stretchName = (index: number) => `${late}#${index}`

/** Faults of matters that follow from that the channel was away: it does not get what has begun, or ended, meanwhile. */
export function withoutAbsences(faults: readonly string[], { added }: Operated): string[] {
  return faults.filter(
    fault =>
      !added.some(
        ({ until }, index) =>
          fault.startsWith(`${stretchName(index)}:`) &&
          ((index > 0 && fault.endsWith('ended, and had not begun')) ||
            (Number.isFinite(until) && fault.endsWith('has no end'))),
      ),
  )
}

/**
 * @param channelsOf Without `late` and `night`, which get all that is about a check; undefined: nothing is routed to those.
 * Returns also how many times a channel had to be told of a check that was down when it was added, or not muted any more.
 */
export function faultsOfOperated(
  received: readonly Received[],
  outages: readonly Outage[],
  operated: Operated,
  channelsOf: (check: string) => readonly string[] | undefined,
): { faults: string[]; told: number } {
  const { added, muted, quiet } = operated
  const told = toldIn(received)
  const faults = [
    ...received
      .filter(({ channel, at }) => channel === late && !added.some(span => isIn(span, at)))
      .map(({ at, message }) => `${late}: ${message.kind} at ${time(at)}, when it was not configured`),
    ...faultsOfTurns(told, operated),
    ...faultsOfSilence(received, outages, operated),
  ]
  let expected = 0
  for (const outage of outages) {
    const { check, incident } = outage
    const own = quiet.get(check) ?? []
    const others = channelsOf(check)
    if (!others) continue
    const channels = [late, night, ...(quiet.has(check) ? others : [])]
    for (const channel of channels) {
      const open = channel === late ? added : gapsOf(channel === night ? muted : [])
      for (const span of open.flatMap(each => gapsOf(widened(own)).flatMap(gap => overlapOf(each, gap, outage)))) {
        if (span.until - span.from < noticedWithinMs || isDisturbed(span, channel, operated)) continue
        expected++
        const isTold = told.some(
          each =>
            each.channel === channel &&
            each.check === check &&
            each.incident === incident &&
            each.news === 'fell' &&
            each.at >= outage.from &&
            each.at <= span.until,
        )
        if (!isTold) faults.push(`${channel}, incident ${incident}: ${check} is not told by ${time(span.until)}`)
      }
    }
  }
  return { faults, told: expected }
}

interface Told {
  channel: string
  incident: number
  check: string
  news: News
  at: number
}

function toldIn(received: readonly Received[]): Told[] {
  return received.flatMap(({ channel, message, at }) =>
    'incident' in message
      ? message.checks.flatMap(({ name: check, news }) =>
          news === undefined || news === 'flapping' ? [] : [{ channel, incident: message.incident, check, news, at }],
        )
      : [],
  )
}

/** A fall and its end take turns; a channel that was away may have missed an end. */
function faultsOfTurns(told: readonly Told[], { added, quiet }: Operated): string[] {
  const last = new Map<string, Told>()
  const faults: string[] = []
  for (const each of told) {
    const { channel, incident, check, news, at } = each
    if (channel !== late && channel !== night && !quiet.has(check)) continue
    const key = `${channel}, incident ${incident}: ${check}`
    const before = last.get(key)
    last.set(key, each)
    const wasAway = channel === late && before && added.some(({ from }) => before.at <= from && from < at)
    const wasDown = before?.news === 'fell'
    if (news === 'fell' ? wasDown && !wasAway : !wasDown) {
      faults.push(`${key} ${news} at ${time(at)}, after ${before?.news ?? 'nothing'}`)
    }
  }
  return faults
}

/** Of an incident that was quiet from its begin to its end, there is no message. */
function faultsOfSilence(received: readonly Received[], outages: readonly Outage[], operated: Operated): string[] {
  const incidents = new Map<number, Outage[]>()
  for (const outage of outages) incidents.set(outage.incident, [...(incidents.get(outage.incident) ?? []), outage])
  return [...incidents].flatMap(([incident, members]) => {
    const isQuiet = members.every(
      ({ check, from, until }) =>
        operated.quiet.get(check)?.some(span => span.from < from && until < span.until - 60_000) &&
        !isDisturbed({ from, until }, night, operated),
    )
    const messages = received.filter(({ message }) => 'incident' in message && message.incident === incident)
    return isQuiet ? messages.map(({ channel, at }) => `${channel}, incident ${incident}: told at ${time(at)}`) : []
  })
}

const isDisturbed = ({ from, until }: Span, to: string, { disturbed }: Operated) =>
  disturbed.some(
    ({ channel = to, ...span }) => channel === to && span.from <= until && from - recoveredWithinMs <= span.until,
  )

/** A slot is judged a little later than it is due. */
const widened = (spans: readonly Span[]) =>
  spans.map(({ from, until }) => ({ from: from - 60_000, until: until + 60_000 }))

/** The times between spans, which are in order. */
function gapsOf(spans: readonly Span[]): Span[] {
  const ends = [Number.NEGATIVE_INFINITY, ...spans.map(({ until }) => until)]
  return ends.map((from, index) => ({ from, until: spans[index]?.from ?? Number.POSITIVE_INFINITY }))
}

function overlapOf(...spans: readonly Span[]): Span[] {
  const from = Math.max(...spans.map(each => each.from))
  const until = Math.min(...spans.map(each => each.until))
  return from < until ? [{ from, until }] : []
}

const time = (at: number) => (Number.isFinite(at) ? new Date(at).toISOString() : 'the end')
