/** Draws the summary of a run. */
import { readFileSync } from 'node:fs'
import { documentPage } from '../pages/document.ts'
import { type Html, html } from '../pages/html.ts'
import { duration, visible } from '../pages/text.ts'
import type { Outcome, RecordedRun, RecordedTest } from './recorded-tests.ts'
import type { Changes, RunSummary, UnsteadyTest } from './run-summary.ts'

const css = readFileSync(new URL('summary-page.css', import.meta.url), 'utf8')

/** The page as an HTML document. */
export function summaryPage({ run, slowest, mostStatements, unsteady, pastRuns, sinceGreen }: RunSummary): string {
  return documentPage(
    'Summary of the run',
    css,
    html`<header>
<h1>Summary of the run</h1>
<p>${headline(run)}</p>
</header>
<main>
${sinceGreen ? changesSection(sinceGreen) : html`<p class="quiet">No earlier run in which all tests passed is known.</p>`}
${slowestSection(slowest)}
${statementSection(mostStatements)}
${unsteadySection(unsteady, pastRuns)}
${workerSection(run)}
</main>`,
  )
}

function headline({ tests, durationMs, startedAt }: RecordedRun): Html {
  const counts = (['failed', 'flaky', 'passed', 'skipped'] as const).flatMap(outcome => {
    const count = tests.filter(test => test.outcome === outcome).length
    return count === 0 ? [] : [html`<span class="state ${tones[outcome]}">${count} ${outcome}</span> `]
  })
  return html`${counts}<span class="quiet">in ${duration(durationMs)}, ${time(startedAt)}</span>`
}

const tones: Record<Outcome, string> = { failed: 'bad', flaky: 'warning', passed: 'good', skipped: 'quiet' }

const time = (iso: string) =>
  html`<time datetime="${iso}">${iso.replace('T', ' ').replace(/(:\d+)\.\d+Z$/, '$1 UTC')}</time>`

function changesSection({ greenAt, failing, flaky, slower, added }: Changes): Html {
  const slow = slower.map(
    ({ name, beforeMs, nowMs }) =>
      html`<code>${visible(name)}</code>: ${duration(nowMs)} instead of ${duration(beforeMs)}`,
  )
  const lists = [
    changeList('Fails now', failing.map(code)),
    changeList('Passed only on a retry, and did not then', flaky.map(code)),
    changeList('Slower', slow),
    changeList('New', added.map(code)),
  ].filter(list => list !== undefined)
  return html`<section aria-labelledby="changes"><h2 id="changes">Since the last green run</h2>
<p class="quiet">It began ${time(greenAt)}.</p>
${lists.length === 0 ? html`<p>Nothing has changed.</p>` : lists}</section>`
}

const code = (text: string) => html`<code>${visible(text)}</code>`

/** At most so many are shown. */
const longest = 50

function changeList(title: string, items: readonly Html[]): Html | undefined {
  if (items.length === 0) return undefined
  const more = items.length - longest
  return html`<div class="card"><h3>${title} <span class="quiet">${items.length}</span></h3>
<ul class="plain">${items
    .slice(0, longest)
    .map(item => html`<li>${item}</li>`)}</ul>${more > 0 && html`<p class="quiet">And ${more} more.</p>`}</div>`
}

function slowestSection(slowest: readonly RecordedTest[]): Html | undefined {
  if (slowest.length === 0) return undefined
  return html`<section aria-labelledby="slowest"><h2 id="slowest">Slowest tests</h2>
<p class="quiet"><span class="key sql"></span>SQL<span class="key http"></span>HTTP without SQL<span class="key browser"></span>browser<span class="key rest"></span>the rest</p>
${table(
  ['Test', 'Time', 'Shares', 'SQL', 'HTTP', 'Browser', 'Attempts'],
  slowest.map(test => {
    const [sql, http, browser] = shares(test)
    return html`<tr><td>${visible(test.name)}</td><td class="number">${duration(test.durationMs)}</td>
<td><div class="shares" aria-hidden="true"><span class="sql" style="width:${percent(sql)}"></span><span class="http" style="width:${percent(http)}"></span><span class="browser" style="width:${percent(browser)}"></span></div></td>
<td class="number">${test.totals ? percent(sql) : ''}</td><td class="number">${percent(http)}</td><td class="number">${percent(browser)}</td>
<td class="number">${test.attempts}</td></tr>`
  }),
)}</section>`
}

/** Of the test's time: SQL mostly runs while a request waits, and counts as SQL only. Work side by side may exceed the test. */
function shares({ durationMs, httpMs, browserMs, totals }: RecordedTest): [sql: number, http: number, browser: number] {
  const sqlMs = totals?.sqlMs ?? 0
  const whole = Math.max(durationMs, sqlMs, httpMs + browserMs, 1)
  return [sqlMs / whole, Math.max(0, httpMs - sqlMs) / whole, browserMs / whole]
}

const percent = (share: number) => `${Math.round(Math.min(1, share) * 100)}%`

function statementSection(tests: readonly RecordedTest[]): Html | undefined {
  if (tests.length === 0) return undefined
  return html`<section aria-labelledby="statements"><h2 id="statements">Most statements</h2>
${table(
  ['Test', 'Statements', 'SQL time'],
  tests.map(
    ({ name, totals }) => html`<tr><td>${visible(name)}</td><td class="number">${totals?.statements}</td>
<td class="number">${duration(totals?.sqlMs ?? 0)}</td></tr>`,
  ),
)}</section>`
}

function unsteadySection(tests: readonly UnsteadyTest[], pastRuns: number): Html {
  const of = pastRuns === 0 ? 'Only this run is known.' : `This run and ${pastRuns} before it.`
  return html`<section aria-labelledby="unsteady"><h2 id="unsteady">Flaky tests</h2><p class="quiet">${of}</p>
${
  tests.length === 0
    ? html`<p>None: each test has always passed at the first attempt, or never.</p>`
    : table(
        ['Test', 'Runs', 'Flaky', 'Failed', 'Median', 'Slowest'],
        tests.map(
          ({ name, runs, flaky, failed, medianMs, slowestMs }) => html`<tr><td>${visible(name)}</td>
<td class="number">${runs}</td><td class="number">${flaky}</td><td class="number">${failed}</td>
<td class="number">${duration(medianMs)}</td><td class="number">${duration(slowestMs)}</td></tr>`,
        ),
      )
}</section>`
}

function workerSection({ workers, durationMs }: RecordedRun): Html | undefined {
  if (workers.length === 0) return undefined
  return html`<section aria-labelledby="workers"><h2 id="workers">Workers</h2>
${table(
  ['Worker', 'Tests', 'Busy', 'Share of the run'],
  workers.map(
    ({ slot, tests, busyMs }) => html`<tr><td>${slot + 1}</td><td class="number">${tests}</td>
<td class="number">${duration(busyMs)}</td><td class="number">${percent(busyMs / Math.max(1, durationMs))}</td></tr>`,
  ),
)}</section>`
}

const table = (columns: readonly string[], rows: readonly Html[]) =>
  html`<div class="card scroll" tabindex="0" role="group" aria-label="${columns[0] ?? ''}s"><table><thead><tr>${columns.map(
    column => html`<th scope="col">${column}</th>`,
  )}</tr></thead><tbody>${rows}</tbody></table></div>`
