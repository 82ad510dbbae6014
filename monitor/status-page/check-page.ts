/** Renders the page of one check. */
import { type Html, html } from '../../pages/html.ts'
import { visible } from '../../pages/text.ts'
import type { Mute } from '../store/mutes.ts'
import { checkForms } from './actions/action-forms.ts'
import { configurationSection } from './check-configuration.ts'
import type { CheckPage } from './check-reader.ts'
import { firstFailureSection } from './first-failure-section.ts'
import { flakySection } from './flaky-section.ts'
import { latencySection } from './latency-section.ts'
import { layout } from './layout.ts'
import { durationText, stateBadge, stateWords, time } from './parts.ts'
import { phasesSection } from './phases-section.ts'
import { replaysSection } from './replays-section.ts'
import type { CheckStatus } from './status.ts'
import { transitionsSection } from './transitions-section.ts'
import type { Viewer } from './viewer.ts'

/** @param mute If the check is muted; for operators. */
export function checkHtml(page: CheckPage, viewer: Viewer, mute?: Mute): string {
  const { check, before } = page
  const isOperator = viewer.kind === 'operator'
  const state: CheckStatus['state'] = page.inMaintenance ? 'maintenance' : check.state
  return layout(viewer, {
    title: `${check.name}: ${stateWords[state]}`,
    styles: ['/uplot.css', '/check-page.css'],
    scripts: ['/latency-chart.mjs'],
    body: html`<main class="check">
  <header class="headline ${state}">
    <p class="quiet"><a href="/">Status</a> / ${visible(check.environment)}</p>
    <h1>${check.name}</h1>
    ${stateBadge(state)}
    <p>${sinceText(page)}</p>
    ${page.confirming && html`<p class="remark">Failing, being confirmed since ${time(page.confirming)}.</p>`}
    ${!check.active && html`<p class="remark">This check is not in the configuration any more.</p>`}
  </header>
  ${check.active && checkForms(viewer, { name: check.name, mute }, `/checks/${encodeURIComponent(check.name)}`)}
  ${
    before === undefined &&
    html`${latencySection(page)}
  ${phasesSection(page)}
  ${firstFailureSection(page, isOperator)}`
  }
  ${replaysSection(page, isOperator)}
  ${
    before === undefined &&
    html`${flakySection(page, isOperator)}
  ${transitionsSection(page)}
  ${configurationSection(page, isOperator)}`
  }
</main>
<footer>
  <p>As of ${time(page.at)}. Hours and days are those of UTC.</p>
</footer>`,
  })
}

function sinceText({ at, check: { since }, inMaintenance }: CheckPage): Html | string {
  if (inMaintenance) return 'Failures cause no alerts during maintenance.'
  if (since === null) return 'Its state has not been found out yet.'
  return html`Since ${time(since)}, <span class="span">for ${durationText(Math.max(0, at.getTime() - since.getTime()))}</span>.`
}
