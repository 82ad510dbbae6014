/** Renders the pages as HTML. */

import { type Html, html } from '../../pages/html.ts'
import { checkCard } from './check-card.ts'
import { layout, liveScript } from './layout.ts'
import { remarkText, time } from './parts.ts'
import { isBlind, messageRemarks, remarksOf } from './remarks.ts'
import type { CheckStatus, Status } from './status.ts'
import type { Viewer } from './viewer.ts'

export function statusHtml(status: Status, viewer: Viewer): string {
  const { at, checks, incidents, uptimes, replays } = status
  const order = ['down', 'degraded', 'unknown', 'maintenance', 'up']
  const rank = (check: CheckStatus) => 2 * order.indexOf(check.state) + (remarksOf(check).length > 0 ? 0 : 1)
  const sorted = [...checks].sort((a, b) => rank(a) - rank(b))
  return layout(viewer, {
    title: `${summary(status)} Status`,
    here: '/',
    scripts: [liveScript],
    body: html`<header>
  <h1>Status</h1>
  <p class="summary">${summary(status)}</p>
  <p>As of ${time(at)}. <a href="">Reload</a></p>
</header>
<main>
  <section aria-labelledby="incidents">
    <h2 id="incidents">Open incidents</h2>
    ${incidents.length === 0 ? html`<p>None.</p>` : html`<ul>${incidents.map(incidentCard)}</ul>`}
  </section>
  ${messages(status)}
  <section aria-labelledby="checks">
    <h2 id="checks">Checks</h2>
    <ul>${sorted.map(check => checkCard(check, { at, uptimes: uptimes.get(check.name), replays: replays.get(check.name) ?? [] }))}</ul>
  </section>
</main>
<footer>
  <p>Uptime is the share of replays that worked. Replays during maintenance, those that ended in an error of the monitor
  and those with an unknown outcome are not counted. Hours and days are those of UTC.</p>
</footer>`,
  })
}

export function unavailablePage(viewer: Viewer): string {
  return layout(viewer, {
    title: 'Status unknown',
    body: html`<main>
  <h1>The status is unknown</h1>
  <p>The monitor’s database cannot be read at present, so the state of the services is unknown.</p>
  <p><a href="">Reload</a></p>
</main>`,
  })
}

export function notFoundPage(viewer: Viewer): string {
  return layout(viewer, {
    title: 'Not found',
    body: html`<main>
  <h1>This page does not exist</h1>
  <p><a href="/">Status</a></p>
</main>`,
  })
}

function summary({ checks, undelivered }: Status): string {
  const total = checks.length
  const waiting = undelivered.reduce((sum, { messages }) => sum + messages, 0)
  return [
    total === 0 ? 'No check is monitored yet.' : statesText(checks),
    ...doubts(checks),
    ...(waiting === 0
      ? []
      : [waiting === 1 ? '1 message is not delivered.' : `${waiting} messages are not delivered.`]),
  ].join(' ')
}

function statesText(checks: readonly CheckStatus[]): string {
  const total = checks.length
  const counted = (['down', 'degraded', 'unknown', 'maintenance'] as const).flatMap(state => {
    const count = checks.filter(check => check.state === state).length
    return count === 0
      ? []
      : [`${count} ${count === 1 ? 'is' : 'are'} ${state === 'maintenance' ? 'in maintenance' : state}`]
  })
  if (counted.length === 0) return total === 1 ? 'The check is up.' : `All ${total} checks are up.`
  return `Of ${total} ${total === 1 ? 'check' : 'checks'}, ${counted.join(', ')}.`
}

/** Sentences about what the states do not show. */
function doubts(checks: readonly CheckStatus[]): string[] {
  const failing = checks.filter(({ confirming }) => confirming !== null).length
  const blind = checks.filter(isBlind).length
  return [
    ...(failing === 0
      ? []
      : [failing === 1 ? '1 failure is being confirmed.' : `${failing} failures are being confirmed.`]),
    ...(blind === 0 ? [] : [blind === 1 ? '1 check has incomplete data.' : `${blind} checks have incomplete data.`]),
  ]
}

/** Undefined if all messages are delivered. */
function messages(status: Status): Html | undefined {
  const remarks = messageRemarks(status)
  if (remarks.length === 0) return undefined
  return html`<section aria-labelledby="messages">
    <h2 id="messages">Messages that were not delivered</h2>
    <ul>${remarks.map(remark => html`<li class="card message">${remarkText(remark)}</li>`)}</ul>
  </section>`
}

function incidentCard({ id, environment, openedAt, checks }: Status['incidents'][number]): Html {
  const states = checks.map(({ name, state }) => `${name} is ${state}`)
  return html`<li class="card incident">
  <h3>Incident ${id} in ${environment}</h3>
  <p>Since ${time(openedAt)}: ${states.join(', ')}.</p>
</li>`
}
