/** Draws the response times of a check in the last hours as two lines: p50 and p95. */
import { type Html, html } from '../../pages/html.ts'
import { merge, quantile } from '../store/histogram.ts'
import type { HourOfDurations } from '../store/response-times.ts'
import { durationText } from './parts.ts'

const hourMs = 3_600_000
const [width, height] = [120, 32]

/** @param hours How many hours it covers, including the current one. */
export function sparkline(known: readonly HourOfDurations[], hours: number, now: Date): Html {
  const all = merge(known.map(({ durations }) => durations))
  const [p50, p95] = [quantile(all, 0.5), quantile(all, 0.95)]
  if (p50 === undefined || p95 === undefined) return html`<p class="spark quiet">No response times in ${hours} h</p>`
  const first = Math.floor(now.getTime() / hourMs) * hourMs - (hours - 1) * hourMs
  const points = known.flatMap(({ start, durations }) => {
    const [middle, high] = [quantile(durations, 0.5), quantile(durations, 0.95)]
    const hour = (start.getTime() - first) / hourMs
    return middle === undefined || high === undefined || hour < 0 ? [] : [{ hour, middle, high }]
  })
  const most = Math.max(...points.map(({ high }) => high))
  const x = (hour: number) => round((hour / (hours - 1)) * (width - 4) + 2)
  const y = (ms: number) => round(height - 2 - (ms / most) * (height - 4))
  // An hour without a replay that worked interrupts the lines.
  const runs: (typeof points)[] = []
  for (const point of points) {
    const run = runs.at(-1)
    if (run?.at(-1)?.hour === point.hour - 1) run.push(point)
    else runs.push([point])
  }
  const line = (value: 'middle' | 'high') =>
    // Begun twice, so that a single hour is a dot.
    runs
      .map(run => `M${[run[0], ...run].map(point => point && `${x(point.hour)} ${y(point[value])}`).join('L')}`)
      .join('')
  const area = runs
    .map(run => {
      const [from, to] = [x(run[0]?.hour ?? 0), x(run.at(-1)?.hour ?? 0)]
      return `M${from} ${height}L${run.map(({ hour, middle }) => `${x(hour)} ${y(middle)}`).join('L')}L${to} ${height}z`
    })
    .join('')
  const [usual, slow] = [durationText(p50), durationText(p95)]
  return html`<figure class="spark"><svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="Response times of the last ${hours} hours: half of the replays took up to ${usual}, 95 % up to ${slow}"><path class="area" d="${area}"/><path class="p95" d="${line('high')}"/><path class="p50" d="${line('middle')}"/></svg><figcaption aria-hidden="true"><span>p50 <b>${usual}</b></span> <span>p95 <b>${slow}</b></span></figcaption></figure>`
}

const round = (value: number) => Math.round(value * 10) / 10
