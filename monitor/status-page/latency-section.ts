/** Renders how long the replays of a check took: a chart, and the same as a table. */
import { Html, html } from '../../pages/html.ts'
import { quantile } from '../store/histogram.ts'
import { type CheckPage, type Range, ranges } from './check-reader.ts'
import { durationText, time } from './parts.ts'
import { timeChart } from './time-chart.ts'

const shares = { p50: 0.5, p95: 0.95, p99: 0.99 } as const
type Percentile = keyof typeof shares
const percentiles = Object.keys(shares) as Percentile[]

interface Slice extends Record<Percentile, number | undefined> {
  start: Date
  up: number
  failed: number
}

const periodMs = { hour: 3_600_000, day: 86_400_000 }

export function latencySection({ name, at, range, latency, measured, check }: CheckPage): Html {
  const { label, period, ms } = ranges[range]
  const slices = latency.map(({ start, up, failed, durations }): Slice => {
    const [p50, p95, p99] = percentiles.map(percentile => quantile(durations, shares[percentile]))
    return { start, up, failed, p50, p95, p99 }
  })
  const replays = range === '24h' ? measured : []
  const highest = Math.max(0, ...slices.map(({ p99 }) => p99 ?? 0), ...replays.map(({ durationMs }) => durationMs))
  const middle = (start: Date) => new Date(Math.min(start.getTime() + periodMs[period] / 2, at.getTime()))
  return html`<section aria-labelledby="latency" id="latency-section">
  <div class="title">
    <h2 id="latency">Duration of ${check.rules.source === 'heartbeat' ? 'runs' : 'replays'}</h2>
    <ul class="ranges" aria-label="Range">${(Object.keys(ranges) as Range[]).map(other => html`<li><a href="${other === '24h' ? `?` : `?range=${other}`}#latency"${other === range && html` aria-current="true"`}>${ranges[other].label}</a></li>`)}</ul>
  </div>
  ${
    highest === 0
      ? html`<p class="quiet">No ${check.rules.source === 'heartbeat' ? 'run' : 'replay'} was measured in these ${label}.</p>`
      : html`<figure class="card chart" data-name="${name}">
    <figcaption>
      <ul class="chart-legend">
        ${percentiles.map(percentile => html`<li>${key(percentile)} ${percentile}</li>`)}
        ${replays.length > 0 && html`<li>${key('replay')} a replay</li>`}
        ${replays.some(({ outcome }) => outcome === 'failed') && html`<li>${key('failed')} a failed one</li>`}
      </ul>
      <p class="quiet">Per ${period}, of replays that worked. ${percentilesText(latency)}</p>
    </figcaption>
    ${timeChart({
      from: new Date(at.getTime() - ms),
      until: at,
      highest,
      label: `Duration of replays in the last ${label}. ${percentilesText(latency)} The table below has the values.`,
      layers: [
        ...(['replay', 'failed'] as const).map(className => ({
          className,
          isScattered: true,
          points: replays
            .filter(({ outcome }) => (outcome === 'failed') === (className === 'failed'))
            .map(({ due, durationMs }) => ({ at: due, value: durationMs })),
        })),
        ...percentiles.toReversed().map(percentile => ({
          className: percentile,
          points: withGaps(slices, periodMs[period]).map(slice => {
            const value = slice?.[percentile]
            return slice && value !== undefined ? { at: middle(slice.start), value } : undefined
          }),
        })),
      ],
    })}
    ${json({
      from: at.getTime() - ms,
      until: at.getTime(),
      slices: slices.map(({ start, p50, p95, p99 }) =>
        [middle(start).getTime(), p50, p95, p99].map(value => value ?? null),
      ),
      replays: replays.map(({ due, durationMs, outcome }) => [due.getTime(), durationMs, outcome === 'failed' ? 1 : 0]),
    })}
    <details>
      <summary>Values as a table</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Durations per ${period}">
        <table>
          <thead><tr><th scope="col">${period === 'hour' ? 'Hour' : 'Day'}</th><th scope="col" class="number">Worked</th><th scope="col" class="number">Failed</th>${percentiles.map(percentile => html`<th scope="col" class="number">${percentile}</th>`)}</tr></thead>
          <tbody>${slices.toReversed().map(sliceRow)}</tbody>
        </table>
      </div>
    </details>
  </figure>`
  }
</section>`
}

function sliceRow({ start, up, failed, ...slice }: Slice): Html {
  return html`<tr><td>${time(start)}</td><td class="number">${up}</td><td class="number">${failed}</td>${percentiles.map(percentile => html`<td class="number">${valueText(slice[percentile])}</td>`)}</tr>`
}

/** Of the whole range. */
function percentilesText(latency: CheckPage['latency']): string {
  const all = new Map<number, number>()
  for (const { durations } of latency) {
    for (const [bucket, count] of durations) all.set(bucket, (all.get(bucket) ?? 0) + count)
  }
  const values = percentiles.map(percentile => `${percentile} ${valueText(quantile(all, shares[percentile]))}`)
  return `In the whole range: ${values.join(', ')}.`
}

const valueText = (ms: number | undefined) => (ms === undefined ? 'not known' : durationText(ms))

/** An hour or day without a slice ends the line. */
function withGaps(slices: readonly Slice[], period: number): (Slice | undefined)[] {
  return slices.flatMap((slice, index) => {
    const before = slices[index - 1]
    return before && slice.start.getTime() - before.start.getTime() > period ? [undefined, slice] : [slice]
  })
}

function key(className: string): Html {
  const path = className === 'replay' || className === 'failed' ? 'M12 6h0' : 'M1 6H23'
  return html`<svg class="key" viewBox="0 0 24 12" aria-hidden="true"><path class="${className}" d="${path}"/></svg>`
}

/** Data for a script; a browser executes nothing of it. */
function json(data: unknown): Html {
  return new Html(`<script type="application/json">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>`)
}
