/** Renders how long the phases of requests took. */
import { type Html, html } from '../../pages/html.ts'
import { type Phases, phaseNames } from '../store/replay-phases.ts'
import { type CheckPage, shown } from './check-reader.ts'
import { durationText } from './parts.ts'

const hourMs = 3_600_000
const words = {
  dns: 'DNS',
  connect: 'Connect',
  tls: 'TLS',
  firstByte: 'Wait for the first byte',
  download: 'Download',
}

export function phasesSection({ at, measured }: CheckPage): Html | undefined {
  const day = mean(measured.map(({ phases }) => phases))
  if (!day) return undefined
  const hour = mean(measured.filter(({ due }) => due.getTime() > at.getTime() - hourMs).map(({ phases }) => phases))
  const total = phaseNames.reduce((sum, name) => sum + day.means[name], 0)
  let from = 0
  const rows = phaseNames.map(name => {
    const length = total === 0 ? 0 : (day.means[name] / total) * 100
    const bar = html`<svg class="phase" aria-hidden="true"><rect x="${from.toFixed(2)}%" width="${length.toFixed(2)}%" height="100%"/></svg>`
    from += length
    return html`<tr><th scope="row">${words[name]}</th><td class="number">${durationText(day.means[name])}</td><td class="number">${hour ? durationText(hour.means[name]) : 'none'}</td><td class="bar">${bar}</td></tr>`
  })
  const which = measured.length < shown.measured ? 'the last 24 hours' : `the last ${shown.measured} replays`
  return html`<section aria-labelledby="phases">
  <h2 id="phases">Phases of a request</h2>
  <div class="card">
    <table class="phases">
      <caption>Mean of ${day.requests} ${day.requests === 1 ? 'request' : 'requests'} of ${which}. A request that used an open connection counts with no time for DNS, connecting and TLS.</caption>
      <thead><tr><th scope="col">Phase</th><th scope="col" class="number">Mean</th><th scope="col" class="number">Last hour</th><th scope="col" class="bar"><span class="hidden">As a bar</span></th></tr></thead>
      <tbody>${rows}</tbody>
    </table>
  </div>
</section>`
}

function mean(measured: readonly (Phases | undefined)[]) {
  const known = measured.filter(phases => phases !== undefined)
  const requests = known.reduce((sum, phases) => sum + phases.requests, 0)
  if (requests === 0) return undefined
  const means = { dns: 0, connect: 0, tls: 0, firstByte: 0, download: 0 }
  for (const name of phaseNames) means[name] = known.reduce((sum, { sums }) => sum + sums[name], 0) / requests
  return { requests, means }
}
