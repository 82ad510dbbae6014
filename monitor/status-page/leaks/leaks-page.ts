/** Renders `/leaks`: what replays may have left, and the proof that they have removed the rest. */
import { type Html, html } from '../../../pages/html.ts'
import type { LeakCount, MonthOfCreations } from '../../store/leaks.ts'
import { layout } from '../layout.ts'
import { table, time } from '../parts.ts'
import type { Viewer } from '../viewer.ts'
import type { Leaks } from './leaks.ts'

export function leaksPage(leaks: Leaks, viewer: Viewer): string {
  const { at, countedSince, months, counts, details } = leaks
  const open = sumOf(counts)
  return layout(viewer, {
    title: `${headlineOf(open)} Leaks`,
    here: '/leaks',
    body: html`<main>
  <header class="headline ${open.left + open.unknown === 0 ? 'up' : open.left > 0 ? 'degraded' : 'unknown'}">
    <h1>${headlineOf(open)}</h1>
    ${months && html`<p>${proofOf(months, at)}</p>`}
    <p class="quiet">As of ${time(at)}. <a href="">Reload</a></p>
  </header>
  ${counts.length > 0 && countSection(counts, details)}
  ${details && details.unruled.length > 0 && unruledSection(details.unruled)}
  ${months && monthSection(months, countedSince)}
</main>
<footer>
  <p>A replay notes each request that may create something before it sends it, and removes at its end what was created.
  What could not be removed stays in the ledger, and the monitor tries again at least every six hours.
  ${months && 'Months are those of UTC, and of the request. '}Replays that are not recorded in this database are not counted.</p>
</footer>`,
  })
}

interface Open {
  left: number
  unknown: number
}

function sumOf(counts: readonly LeakCount[]): Open {
  return counts.reduce((sum, { left, unknown }) => ({ left: sum.left + left, unknown: sum.unknown + unknown }), {
    left: 0,
    unknown: 0,
  })
}

function headlineOf({ left, unknown }: Open): string {
  if (left + unknown === 0) return 'Nothing is left behind.'
  const parts = [
    ...(left > 0 ? [`${number(left)} ${left === 1 ? 'thing is' : 'things are'} left`] : []),
    ...(unknown > 0 ? [`of ${number(unknown)} ${unknown === 1 ? 'request' : 'requests'} the result is unknown`] : []),
  ]
  return `${upper(parts.join(', and '))}.`
}

/** The month of the page, over all environments. */
function proofOf(months: readonly MonthOfCreations[], at: Date): string {
  const current = months.filter(({ month }) => month === at.toISOString().slice(0, 7))
  const sum = (name: 'created' | 'removed' | 'left' | 'unknown') =>
    number(current.reduce((total, month) => total + month[name], 0))
  return `Created ${sum('created')}, removed ${sum('removed')}, left ${sum('left')}, unknown ${sum('unknown')} this month.`
}

function countSection(counts: readonly LeakCount[], details: Leaks['details']): Html {
  const total = counts.reduce((sum, { left, unknown }) => sum + left + unknown, 0)
  return html`<section aria-labelledby="left">
    <h2 id="left">What may be left</h2>
    ${table({
      caption: 'What may be left, by environment and check',
      head: ['Environment', 'Check', 'Left', 'Unknown', 'Since'],
      rows: counts.map(({ environment, check, left, unknown, since }) => [
        environment,
        check === '' ? 'not known' : check,
        number(left),
        number(unknown),
        time(since),
      ]),
    })}
    ${details && html`<ul class="cards">${details.requests.map(requestCard)}</ul>`}
    ${details && total > details.requests.length && html`<p class="quiet">These are the oldest ${details.requests.length}.</p>`}
  </section>`
}

function requestCard({ id, environment, check, at, method, url, reason, things, rule }: Requests[number]): Html {
  return html`<li class="card warning">
  <div class="title"><h3>${method} <span class="address">${url}</span></h3></div>
  <p class="quiet">Sent ${time(at)} to ${environment}${check !== '' && ` by ${check}`}</p>
  <p>${upper(reason)}.</p>
  ${things.length > 0 && html`<p>There: ${things.map((thing, n) => html`${n > 0 && ', '}<code>${thing}</code>`)}</p>`}
  ${rule !== null && html`<p>The rule to write, with the field by which the service finds it:</p><pre><code>${rule}</code></pre>`}
  <details><summary>Removed by hand?</summary>
    <p>Once it is gone, run this in the monitor’s database:</p>
    <pre><code>delete from reprise.intents where id = '${id}'</code></pre>
  </details>
</li>`
}

type Requests = NonNullable<Leaks['details']>['requests']

function unruledSection(unruled: NonNullable<Leaks['details']>['unruled']): Html {
  return html`<section aria-labelledby="unruled">
    <h2 id="unruled">Answered like a creation, without a cleanup rule</h2>
    <p class="quiet">In the last 30 days. What these requests have created, if anything, is not removed.</p>
    <ul class="cards">${unruled.map(
      ({ environment, check, route, reason, times, lastAt }) => html`<li class="card warning">
  <div class="title"><h3>${route}</h3></div>
  <p class="quiet">${number(times)} ${times === 1 ? 'time' : 'times'} in ${environment}${check !== '' && ` by ${check}`}, last ${time(lastAt)}</p>
  <p>${upper(reason)}.</p>
</li>`,
    )}</ul>
  </section>`
}

function monthSection(months: readonly MonthOfCreations[], countedSince: Date): Html {
  if (months.length === 0) {
    return html`<section aria-labelledby="months">
    <h2 id="months">By month</h2>
    <p>Nothing was created yet. Counted since ${time(countedSince)}.</p>
  </section>`
  }
  return html`<section aria-labelledby="months">
    <h2 id="months">By month</h2>
    ${table({
      caption: 'What replays have created and removed',
      head: [
        'Month',
        'Environment',
        'Created',
        'Removed',
        'Not confirmed',
        'Left',
        'Unknown',
        'In progress',
        'Without a rule',
      ],
      rows: months.map(({ month, environment, created, removed, unverified, left, unknown, pending, unruled }) => [
        month,
        environment,
        ...[created, removed, unverified, left, unknown, pending, unruled].map(number),
      ]),
    })}
    <p class="quiet">Counted since ${time(countedSince)}. Created: removed and left. Not confirmed: the service has accepted the
    removal, and shows no address to look at. Without a rule: answered like a creation, and no cleanup rule fits.</p>
  </section>`
}

/** `1 204`: with a narrow space that does not break. */
function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f')
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
