/** Renders a check on the overview. */
import { type Html, html } from '../../pages/html.ts'
import type { Mute } from '../store/mutes.ts'
import type { Uptime, UptimeSpan } from '../store/uptime.ts'
import { uptimeShare, watchedText } from '../uptime-text.ts'
import { dayBar, lastDays } from './day-bar.ts'
import { budgetText, burnText, type ErrorBudget } from './error-budget.ts'
import { type ShownCheck, shownDays, shownHours } from './overview.ts'
import { durationText, remarkNote, stateBadge, time } from './parts.ts'
import { remarksOf } from './remarks.ts'
import { sparkline } from './sparkline.ts'

/**
 * @param level Of its heading.
 * @param mute For operators.
 */
export function checkRow(check: ShownCheck, at: Date, level: 3 | 4, mute?: Mute): Html {
  const { name, state, environment, tags, uptimes, days, hours, budget } = check
  const link = html`<a class="name" href="/checks/${encodeURIComponent(name)}">${name}</a>`
  return html`<li class="card check">
<div class="about">
  ${level === 3 ? html`<h3>${link}</h3>` : html`<h4>${link}</h4>`}
  <p class="now">${stateBadge(state)}${check.since !== null && html` <span class="span">for ${durationText(Math.max(0, at.getTime() - check.since.getTime()))}</span>`}</p>
  ${check.since !== null && html`<p class="quiet">since ${time(check.since)}</p>`}
  <p class="chips">${[environment, ...tags].map(label => html`<span class="chip">${label}</span> `)}</p>
</div>
<div class="history" role="group" aria-label="Uptime">
  ${dayBar(lastDays(days, shownDays, at))}
  <dl class="uptimes">${uptimes && spans.map(({ span, short }) => uptimeEntry(short, uptimes[span]))}</dl>
</div>
${sparkline(hours, shownHours, at)}
${budget && budgetNote(budget)}
${mute && remarkNote([`Muted by ${mute.operator} until `, mute.until, ': its failures cause no alerts.'])}
${remarksOf(check).map(remarkNote)}
<p class="times quiet">${lastText(check)} <span aria-hidden="true">·</span> ${nextText(check, at)}</p>
</li>`
}

const spans: readonly { span: UptimeSpan; short: string }[] = [
  { span: '24 hours', short: '24 h' },
  { span: '7 days', short: '7 d' },
  { span: '30 days', short: '30 d' },
  { span: '90 days', short: '90 d' },
]

function uptimeEntry(label: string, uptime: Uptime): Html {
  const share = uptimeShare(uptime)
  return html`<div><dt>${label}</dt><dd>${share && html`<b>${share}</b> `}<span class="quiet">${watchedText(uptime)}</span></dd></div>`
}

function budgetNote(budget: ErrorBudget): Html {
  return html`<p class="budget">Target ${budget.target} % in ${budget.windowDays} d: <b>${budgetText(budget)}</b> <span class="quiet">${burnText(budget)}</span></p>`
}

function lastText({ lastReplay, isHeartbeat }: ShownCheck): Html {
  if (lastReplay === null) return isHeartbeat ? html`No report yet` : html`Not replayed yet`
  const { outcome, durationMs, due } = lastReplay
  return html`Last ${isHeartbeat ? 'report' : 'replay'} ${outcome}${durationMs !== null && ` in ${durationText(durationMs)}`}, ${time(new Date(due))}`
}

function nextText({ nextDue }: ShownCheck, at: Date): Html {
  if (nextDue === null) return html`No next one planned`
  return html`${nextDue < at ? 'Was due' : 'Next due'} ${time(nextDue)}`
}
