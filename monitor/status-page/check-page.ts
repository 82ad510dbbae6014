/** Renders the page of one check. */
import { type Html, html } from '../../pages/html.ts'
import type { Mute } from '../store/mutes.ts'
import type { UptimeSpan } from '../store/uptime.ts'
import { uptimeShare, watchedText } from '../uptime-text.ts'
import { checkForms } from './actions/action-forms.ts'
import { configurationSection } from './check-configuration.ts'
import { type CheckPage, shown } from './check-reader.ts'
import { dayBar, dayLegend, lastDays } from './day-bar.ts'
import { firstFailureSection } from './first-failure-section.ts'
import { flakySection } from './flaky-section.ts'
import { heartbeatSection, progressNotes } from './heartbeats/heartbeat-section.ts'
import { latencySection } from './latency-section.ts'
import { layout, liveScript } from './layout.ts'
import { remarkNote, since, stateWords, time } from './parts.ts'
import { phasesSection } from './phases-section.ts'
import { remarksOf } from './remarks.ts'
import { replaysSection } from './replays-section.ts'
import { shownSubjects } from './shown-subjects.ts'
import { sign } from './sign.ts'
import { transitionsSection } from './transitions-section.ts'
import type { Viewer } from './viewer.ts'

/** @param mute If the check is muted; for operators. */
export function checkHtml(page: CheckPage, viewer: Viewer, mute?: Mute): string {
  const isOperator = viewer.kind === 'operator'
  const { name, check, before, heartbeat } = page
  const state = page.status?.state ?? check.state
  return layout(viewer, {
    title: `${name}: ${stateWords[state]}`,
    icon: state,
    styles: ['/overview.css', '/uplot.css', '/check-page.css'],
    // A page of earlier replays does not change.
    scripts: before === undefined ? [liveScript, '/latency-chart.mjs'] : [],
    body: html`<main class="check-page"${shownSubjects({ checks: [name], incidents: [] })}>
  <header class="headline ${state}">
    ${sign(state)}<h1>${name} <span class="is">is ${stateWords[state].toLowerCase()}</span></h1>
    <p>${sinceText(page)}</p>
    ${page.status && remarksOf(page.status).map(remarkNote)}
    ${heartbeat && progressNotes(heartbeat, page.at)}
    ${!check.active && html`<p class="remark">This check is not in the configuration any more.</p>`}
    <p class="quiet">${check.environment}. As of ${time(page.at)}. <a href="">Reload</a></p>
  </header>
  ${check.active && checkForms(viewer, { name, mute, isReplayed: check.rules.source === undefined }, `/checks/${encodeURIComponent(name)}`)}
  ${
    before === undefined &&
    html`${uptimeSection(page)}
  ${latencySection(page)}
  ${phasesSection(page)}
  ${firstFailureSection(page, isOperator)}`
  }
  ${replaysSection(page, isOperator)}
  ${
    before === undefined &&
    html`${flakySection(page, isOperator)}
  ${transitionsSection(page)}
  ${heartbeat ? heartbeatSection(heartbeat, isOperator) : configurationSection(page, isOperator)}`
  }
</main>
<footer>
  <p>Hours and days are those of UTC.</p>
</footer>`,
  })
}

function sinceText({ at, status, check }: CheckPage): Html | string {
  if (status?.state === 'maintenance') return 'Failures cause no alerts during maintenance.'
  if (check.since === null) return 'Its state has not been found out yet.'
  return html`Since ${since(check.since, at)}.`
}

const spans: readonly UptimeSpan[] = ['24 hours', '7 days', '30 days', '90 days']

function uptimeSection({ uptimes, days, at }: CheckPage): Html | undefined {
  if (!uptimes) return undefined
  return html`<section aria-labelledby="uptime">
  <div class="title"><h2 id="uptime">Uptime</h2>${dayLegend()}</div>
  <div class="card">
    ${dayBar(lastDays(days, shown.days, at))}
    <dl class="uptimes">${spans.map(span => {
      const uptime = uptimes[span]
      const share = uptimeShare(uptime)
      return html`<div><dt>${span}</dt><dd>${share && html`<b>${share}</b> `}<span class="quiet">${watchedText(uptime)}</span></dd></div>`
    })}</dl>
  </div>
</section>`
}
