/** Renders the recorded replays of a check, with every attempt, page by page. */
import { type Html, html } from '../../pages/html.ts'
import type { RecordedAttempt, RecordedReplay, RecordedSpec } from '../store/check-replays.ts'
import type { CheckPage } from './check-reader.ts'
import { counted, durationText, time } from './parts.ts'

export function replaysSection(
  { replays: { replays, older }, before, range, check }: CheckPage,
  isOperator: boolean,
): Html {
  const isHeartbeat = check.rules.source === 'heartbeat'
  const what = isHeartbeat ? 'Reports' : 'Replays'
  const titles = isHeartbeat
    ? ['At', 'Outcome', 'Duration', 'Report']
    : ['Due', 'Outcome', 'Duration', 'Location', 'Attempts']
  const row = isHeartbeat ? reportRow : replayRow
  const rangeQuery = range === '24h' ? '' : `range=${range}&`
  return html`<section aria-labelledby="replays">
  <h2 id="replays">${before === undefined ? what : `Earlier ${what.toLowerCase()}`}</h2>
  ${
    replays.length === 0
      ? html`<p class="quiet">${before !== undefined ? 'None are stored.' : isHeartbeat ? 'None yet.' : 'Not replayed yet.'}</p>`
      : html`<div class="card scroll" tabindex="0" role="region" aria-label="Table of ${what.toLowerCase()}">
    <table class="replays" role="table">
      <thead role="rowgroup"><tr role="row">${titles.map(title => html`<th scope="col" role="columnheader"${title === 'Duration' && html` class="number"`}>${title}</th>`)}</tr></thead>
      <tbody role="rowgroup">${replays.map(replay => row(replay, isOperator))}</tbody>
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
  <td role="cell">${location}${version !== null && html`<br><span class="quiet">version ${version}</span>`}</td>
  <td role="cell">${specs.length === 0 ? html`<span class="quiet">none</span>` : isOperator ? attemptDetails(specs) : attemptsText(specs)}
  ${isOperator && reason !== null && html`<p class="reason">${reason}</p>`}
  ${isOperator && report !== null && html`<p class="reason"><a href="/reports/${encodeURIComponent(report)}">Report of the run</a></p>`}</td>
</tr>`
}

/** Of a heartbeat: what a job has reported, or that it has not. */
function reportRow(
  { due, kind, location, outcome, durationMs, reason, output }: RecordedReplay,
  isOperator: boolean,
): Html {
  return html`<tr role="row" data-key="${due.toISOString()} ${location} ${kind}">
  <td role="cell">${time(due)}</td>
  <td role="cell"><span class="outcome ${outcomeClass(outcome)}">${outcome}</span></td>
  <td role="cell" class="number">${durationMs === null ? 'not known' : durationText(durationMs)}</td>
  <td role="cell">${isOperator && reason !== null ? reason : html`<span class="quiet">${outcome === 'passed' ? 'it has worked' : outcome === 'failed' ? 'failed or missing' : 'may have been lost'}</span>`}
  ${isOperator && output !== null && html`<details><summary>Output</summary><pre>${output}</pre></details>`}</td>
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
    <p><span class="outcome ${outcomeClass(outcome)}">${outcome}</span> ${title} <span class="quiet">${file}</span></p>
    <ol>${attempts.map(attempt => html`<li>${attemptText(attempt)}</li>`)}</ol>
  </li>`,
  )}</ul>
</details>`
}

function attemptText({ outcome, durationMs, error }: RecordedAttempt): Html {
  return html`${outcome}${durationMs !== null && ` after ${durationText(durationMs)}`}${error !== null && html`<pre>${error}</pre>`}`
}
