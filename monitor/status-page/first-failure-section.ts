/** Renders the first failure of the current or last incident beside the last success before it. */
import { type Html, html } from '../../pages/html.ts'
import type { DetailedReplay } from '../store/first-failure.ts'
import type { StoredAttempt, StoredRequest, StoredSpec } from '../store/stored-detail.ts'
import type { CheckPage } from './check-reader.ts'
import { durationText, time } from './parts.ts'
import { outcomeClass } from './replays-section.ts'

/** How many are shown at most: of the specs that differ, and of the requests of each. */
const [mostSpecs, mostRequests] = [10, 30]

export function firstFailureSection({ firstFailure }: CheckPage, isOperator: boolean): Html | undefined {
  if (!firstFailure) return undefined
  const { incident, closedAt, failure, success } = firstFailure
  const differing = isOperator && failure ? differingSpecs(success, failure) : []
  return html`<section aria-labelledby="first-failure">
  <h2 id="first-failure">First failure and last success</h2>
  <p class="quiet">Of the ${closedAt === null ? 'open' : 'last'} incident, <a href="/incidents/${incident}">number ${incident}</a>.</p>
  <div class="beside">
    ${replayCard('Last success', success, isOperator)}
    ${replayCard('First failure', failure, isOperator)}
  </div>
  ${differing.slice(0, mostSpecs).map(specComparison)}
  ${differing.length > mostSpecs && html`<p class="quiet">${differing.length - mostSpecs} more specs differ.</p>`}
</section>`
}

function replayCard(title: string, replay: DetailedReplay | undefined, isOperator: boolean): Html {
  if (!replay) return html`<div class="card"><h3>${title}</h3><p class="quiet">Not stored, or not any more.</p></div>`
  const { due, location, version, outcome, durationMs, reason, specs } = replay
  const requests = specs.flatMap(({ attempts }) => attempts.slice(-1).flatMap(attempt => attempt.requests))
  const slowest = Math.max(0, ...requests.map(({ totalMs }) => totalMs))
  return html`<div class="card">
  <div class="title"><h3>${title}</h3><p class="outcome ${outcomeClass(outcome)}">${outcome}</p></div>
  <dl>
    <div><dt>Due</dt><dd>${time(due)}</dd></div>
    <div><dt>Location</dt><dd>${location}</dd></div>
    ${version !== null && html`<div><dt>Version</dt><dd>${version}</dd></div>`}
    <div><dt>Duration</dt><dd>${durationMs === null ? 'not known' : durationText(durationMs)}</dd></div>
    <div><dt>Specs that failed</dt><dd>${specs.filter(spec => spec.outcome === 'failed').length} of ${specs.length}</dd></div>
    <div><dt>Requests</dt><dd>${requests.length}${requests.length > 0 && `, the slowest took ${durationText(slowest)}`}</dd></div>
  </dl>
  ${isOperator && reason !== null && html`<p class="reason">${reason}</p>`}
</div>`
}

interface SpecPair {
  before: StoredSpec | undefined
  after: StoredSpec
}

/** Specs of the failure whose outcome is another than before, or that failed. */
function differingSpecs(success: DetailedReplay | undefined, failure: DetailedReplay): SpecPair[] {
  const keyOf = ({ file, title }: StoredSpec) => JSON.stringify([file, title])
  const known = new Map(success?.specs.map(spec => [keyOf(spec), spec]))
  return failure.specs
    .map(after => ({ before: known.get(keyOf(after)), after }))
    .filter(({ before, after }) => after.outcome === 'failed' || before?.outcome !== after.outcome)
}

function specComparison({ before, after }: SpecPair): Html {
  const [old, now] = [before?.attempts.at(-1), after.attempts.at(-1)]
  const rows = requestPairs(old?.requests ?? [], now?.requests ?? [])
  return html`<div class="card">
  <h3>${after.title} <span class="quiet">${after.file}${after.line !== undefined && `:${after.line}`}</span></h3>
  <p>${before?.outcome ?? 'not replayed'}${durationOf(old)} → <strong>${after.outcome}</strong>${durationOf(now)}</p>
  ${now?.error && html`<pre>${now.error.message}</pre>`}
  ${
    rows.length > 0 &&
    html`<div class="scroll" tabindex="0" role="region" aria-label="Requests of ${after.title}">
    <table class="requests">
      <thead><tr><th scope="col">Request</th><th scope="col">Last success</th><th scope="col">First failure</th></tr></thead>
      <tbody>${rows.slice(0, mostRequests).map(requestRow)}</tbody>
    </table>
  </div>`
  }
  ${rows.length > mostRequests && html`<p class="quiet">${rows.length - mostRequests} more requests.</p>`}
</div>`
}

const durationOf = (attempt: StoredAttempt | undefined) => attempt && ` in ${durationText(attempt.durationMs)}`

type RequestPair = readonly [before: StoredRequest | undefined, after: StoredRequest | undefined]

/** The requests in their order. One that has no other of its method beside it was sent only once. */
function requestPairs(before: readonly StoredRequest[], after: readonly StoredRequest[]): RequestPair[] {
  const pairs: RequestPair[] = []
  let [left, right] = [0, 0]
  while (left < before.length || right < after.length) {
    const [old, now] = [before[left], after[right]]
    if (old && now && !isAlike(old, now)) {
      const ahead = after.slice(right, right + 5).findIndex(request => isAlike(old, request))
      if (ahead > 0) pairs.push([undefined, now])
      else pairs.push([old, undefined])
      if (ahead > 0) right++
      else left++
      continue
    }
    pairs.push([old, now])
    left++
    right++
  }
  return pairs
}

/** The same method, and the same path apart from ids. */
function isAlike(a: StoredRequest, b: StoredRequest): boolean {
  return a.method === b.method && routeOf(a.url) === routeOf(b.url)
}

function routeOf(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname : url
  return path.replace(/[^/]*\d[^/]*/g, '*')
}

function requestRow([before, after]: RequestPair): Html {
  const { method, url } = after ?? before ?? { method: '', url: '' }
  const differs = before?.status !== after?.status
  return html`<tr>
  <th scope="row"><code>${method} ${url}</code></th>
  <td>${requestText(before)}</td>
  <td>${differs ? html`<strong>${requestText(after)}</strong>` : requestText(after)}</td>
</tr>`
}

function requestText(request: StoredRequest | undefined): string {
  if (!request) return 'not sent'
  const { status, error, totalMs } = request
  return `${status ?? error ?? 'no response'} in ${durationText(totalMs)}`
}
