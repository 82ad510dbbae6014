/** Draws the last days of a check as bars, whose shape and height say what happened. */
import { type Html, html } from '../../pages/html.ts'
import type { CheckDays, DayCounts } from '../store/day-counts.ts'
import { uptimeText } from '../uptime-text.ts'
import { counted } from './parts.ts'

const dayMs = 86_400_000
/** Each day has this width; the height of all is 36. */
const step = 4

type DayKind = 'up' | 'partly' | 'failures' | 'down' | 'unwatched' | 'maintenance' | 'none' | 'before'

export interface ShownDay {
  kind: DayKind
  start: Date
  /** From 0 to 1. */
  watched: number
  counts?: DayCounts
}

/** @param known Undefined for a check that never had a slot. */
export function lastDays(known: CheckDays | undefined, count: number, now: Date): ShownDay[] {
  const today = Math.floor(now.getTime() / dayMs) * dayMs
  const byStart = new Map(known?.days.map(day => [day.start.getTime(), day]))
  return Array.from({ length: count }, (_, index): ShownDay => {
    const start = new Date(today - (count - 1 - index) * dayMs)
    const counts = byStart.get(start.getTime())
    if (!counts) return { kind: known && start > known.first ? 'none' : 'before', start, watched: 0 }
    const { up, down, unwatched } = counts
    const watched = up + down === 0 ? 0 : (up + down) / (up + down + unwatched)
    return { kind: kindOf(counts), start, watched, counts }
  })
}

/** A day that was up, of which less than this share was watched, is marked. */
const mostlyWatched = 0.5

function kindOf({ up, down, unwatched, maintenance, wasDown }: DayCounts): DayKind {
  if (wasDown) return 'down'
  if (down > 0) return 'failures'
  if (up > 0) return up / (up + unwatched) < mostlyWatched ? 'partly' : 'up'
  if (unwatched > 0) return 'unwatched'
  return maintenance > 0 ? 'maintenance' : 'none'
}

/** In a field of 3 by 36. The more of a day was watched, the higher its bar. */
const shapes: Record<DayKind, (x: number, watched: number) => string> = {
  up: (x, watched) => bar(x, 36 - heightOf(watched), 36),
  partly: (x, watched) => bar(x, 36 - heightOf(watched), 36),
  failures: (x, watched) => bar(x, 36 - heightOf(watched), 24) + bar(x, 28, 36),
  down: x => bar(x, 0, 36),
  unwatched: x => `M${x + 0.5} 8.5h2v27h-2z`,
  maintenance: x => bar(x, 14, 20) + bar(x, 24, 30),
  none: x => bar(x, 33, 36),
  before: x => bar(x, 35, 36),
}

const heightOf = (watched: number) => Math.round(14 + 14 * watched)
const bar = (x: number, top: number, bottom: number) => `M${x} ${top}h3v${bottom - top}h-3z`

/** A picture with its words. Days with something to say show it under the pointer. */
export function dayBar(days: readonly ShownDay[]): Html {
  const plain = (kind: DayKind) => {
    const path = days.map((day, index) => (day.kind === kind ? shapes[kind](index * step, day.watched) : '')).join('')
    return path !== '' && html`<path class="${kind}" d="${path}"/>`
  }
  const telling = days.map((day, index) => {
    if (!isTelling(day)) return undefined
    return html`<path class="${day.kind}" d="${shapes[day.kind](index * step, day.watched)}"><title>${dayText(day)}</title></path>`
  })
  return html`<svg class="days" viewBox="0 0 ${days.length * step - 1} 36" preserveAspectRatio="none" role="img" aria-label="${daysText(days)}">${(['up', 'none', 'before'] as const).map(plain)}${telling}</svg>`
}

const isTelling = ({ kind }: ShownDay) => kind !== 'up' && kind !== 'none' && kind !== 'before'

function dayText({ kind, start, counts }: ShownDay): string {
  const day = dateText(start)
  if (!counts) return `${day}: ${kindWords[kind]}`
  return `${day}: ${kindWords[kind]}${counts.up + counts.down > 0 ? `, uptime ${uptimeText(counts)}` : ''}`
}

/** Such as `Last 90 days: 87 up, 2 with some failures (2030-03-01, 2030-03-04), 1 before the first replay`. */
function daysText(days: readonly ShownDay[]): string {
  const parts = (Object.keys(kindWords) as DayKind[]).flatMap(kind => {
    const those = days.filter(day => day.kind === kind)
    if (those.length === 0) return []
    const isNamed = those.length <= 3 && those.some(isTelling)
    return [
      `${those.length} ${kindWords[kind]}${isNamed ? ` (${those.map(({ start }) => dateText(start)).join(', ')})` : ''}`,
    ]
  })
  return `Last ${counted(days.length, 'day')}: ${parts.join(', ')}`
}

const dateText = (day: Date) => day.toISOString().slice(0, 10)

const kindWords: Record<DayKind, string> = {
  up: 'up',
  partly: 'mostly not watched',
  failures: 'with some failures',
  down: 'down',
  unwatched: 'not watched',
  maintenance: 'in maintenance',
  none: 'without slots',
  before: 'before the first slot',
}

/** Explains the shapes. */
export function dayLegend(): Html {
  const entries = (Object.keys(kindWords) as DayKind[]).map(
    kind =>
      html`<li><svg class="days" viewBox="0 0 3 36" preserveAspectRatio="none" aria-hidden="true"><path class="${kind}" d="${shapes[kind](0, kind === 'partly' ? 0 : 1)}"/></svg> ${kindWords[kind]}</li>`,
  )
  return html`<ul class="legend">${entries}</ul>`
}
