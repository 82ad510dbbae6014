/** Renders the recorded replays of a check, with every attempt, page by page. */
import { type Html, html } from '../../pages/html.ts'
import { visible } from '../../pages/text.ts'
import type { RecordedAttempt, RecordedReplay, RecordedSpec } from '../store/check-replays.ts'
import type { CheckPage } from './check-reader.ts'
import { counted, durationText, time } from './parts.ts'

export function replaysSection({ replays: { replays, older }, before, range }: CheckPage, isOperator: boolean): Html {
  const rangeQuery = range === '24h' ? '' : `range=${range}&`
  return html`<section aria-labelledby="replays">
  <h2 id="replays">${before === undefined ? 'Replays' : 'Earlier replays'}</h2>
  ${
    replays.length === 0
      ? html`<p class="quiet">${before === undefined ? 'Not replayed yet.' : 'None are stored.'}</p>`
      : html`<div class="card scroll" tabindex="0" role="region" aria-label="Table of replays">
    <table class="replays" role="table">
      <thead role="rowgroup"><tr role="row">${['Due', 'Outcome', 'Duration', 'Location', 'Attempts'].map(title => html`<th scope="col" role="columnheader"${title === 'Duration' && html` class="number"`}>${title}</th>`)}</tr></thead>
      <tbody role="rowgroup">${replays.map(replay => replayRow(replay, isOperator))}</tbody>
    </table>
  </div>`
  }
  ${
    (older !== undefined || before !== undefined) &&
    html`<p class="pager">
    ${before !== undefined && html`<a href="?${rangeQuery.replace(/&$/, '')}#replays">Newest</a>`}
    ${older !== undefined && html`<a href="?${rangeQuery}before=${encodeURIComponent(older)}#replays" rel="next">Older</a>`}
  </p>`
  }
</section>`
}

function replayRow(replay: RecordedReplay, isOperator: boolean): Html {
  const { due, kind, outcome, presumed, durationMs, location, reason, report, version, specs } = replay
  // Narrow pages lay the cells out otherwise, which would take the roles away.
  return html`<tr role="row" data-key="${due.toISOString()} ${location} ${kind}">
  <td role="cell">${time(due)}${kind !== 'cron' && html` <span class="chip">${kind === 'confirm' ? 'to confirm' : 'by hand'}</span>`}</td>
  <td role="cell"><span class="outcome ${outcomeClass(outcome)}">${outcome}</span>${presumed && html`<br><span class="quiet">presumed</span>`}</td>
  <td role="cell" class="number">${durationMs === null ? 'not known' : durationText(durationMs)}</td>
  <td role="cell">${location}${version !== null && html`<br><span class="quiet">version ${visible(version)}</span>`}</td>
  <td role="cell">${specs.length === 0 ? html`<span class="quiet">none</span>` : isOperator ? attemptDetails(specs) : attemptsText(specs)}
  ${isOperator && reason !== null && html`<p class="reason">${visible(reason)}</p>`}
  ${isOperator && report !== null && html`<p class="reason"><a href="/reports/${encodeURIComponent(report)}">Report of the run</a></p>`}</td>
</tr>`
}

export function outcomeClass(outcome: string): string {
  if (outcome === 'passed') return 'good'
  return outcome === 'failed' ? 'bad' : 'warning'
}

function attemptsText(specs: readonly RecordedSpec[]): string {
  const attempts = specs.flatMap(spec => spec.attempts)
  const failed = attempts.filter(({ outcome }) => outcome === 'failed').length
  return [
    counted(specs.length, 'spec'),
    counted(attempts.length, 'attempt'),
    ...(failed === 0 ? [] : [`${failed} failed`]),
  ].join(', ')
}

function attemptDetails(specs: readonly RecordedSpec[]): Html {
  return html`<details>
  <summary>${attemptsText(specs)}</summary>
  <ul class="specs">${specs.map(
    ({ title, file, outcome, attempts }) => html`<li>
    <p><span class="outcome ${outcomeClass(outcome)}">${visible(outcome)}</span> ${visible(title)} <span class="quiet">${visible(file)}</span></p>
    <ol>${attempts.map(attempt => html`<li>${attemptText(attempt)}</li>`)}</ol>
  </li>`,
  )}</ul>
</details>`
}

function attemptText({ outcome, durationMs, error }: RecordedAttempt): Html {
  return html`${visible(outcome)}${durationMs !== null && ` after ${durationText(durationMs)}`}${error !== null && html`<pre>${visible(error)}</pre>`}`
}
