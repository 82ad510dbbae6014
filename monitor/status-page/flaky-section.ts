/** Renders the specs of a check that passed only on a retry, the flakiest first. */
import { type Html, html } from '../../pages/html.ts'
import type { CheckPage } from './check-reader.ts'
import { time } from './parts.ts'

export function flakySection({ flaky: { specs, read } }: CheckPage, isOperator: boolean): Html | undefined {
  if (specs.length === 0) return undefined
  const readText = read === 1 ? 'the only replay' : `the last ${read} replays`
  return html`<section aria-labelledby="flaky">
  <h2 id="flaky">Flaky specs</h2>
  <p class="quiet">Specs that failed and then passed on a retry, in ${readText} of the last 7 days that ${read === 1 ? 'was' : 'were'} flaky or failed.</p>
  ${
    isOperator
      ? html`<div class="card scroll" tabindex="0" role="region" aria-label="Table of flaky specs">
    <table>
      <thead><tr><th scope="col">Spec</th><th scope="col" class="number">Flaky</th><th scope="col" class="number">Failed</th><th scope="col">Last flaky</th></tr></thead>
      <tbody>${specs.map(({ title, file, flaky, failed, lastFlaky }) => html`<tr><td>${title}<br><span class="quiet">${file}</span></td><td class="number">${flaky}</td><td class="number">${failed}</td><td>${time(lastFlaky)}</td></tr>`)}</tbody>
    </table>
  </div>`
      : html`<p>${specs.length === 1 ? '1 spec was flaky.' : `${specs.length} specs were flaky.`}</p>`
  }
</section>`
}
