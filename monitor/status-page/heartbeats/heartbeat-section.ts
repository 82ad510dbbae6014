/** Renders what is waited for of a heartbeat, its runs that are under way, and its configuration in force. */
import { type Html, html } from '../../../pages/html.ts'
import type { Heartbeat } from '../../config/configuration.ts'
import type { HeartbeatProgress, HeartbeatRun } from '../../store/heartbeats.ts'
import { durationText, time } from '../parts.ts'

export interface ShownHeartbeat {
  name: string
  configured: Heartbeat
  progress: HeartbeatProgress
}

type Setting = [name: string, value: Html | string]

/** Placed where a check has its configuration. */
export function heartbeatSection({ name, configured, progress }: ShownHeartbeat, isOperator: boolean): Html {
  return html`<section aria-labelledby="configuration">
  <h2 id="configuration">Configuration in force</h2>
  <dl class="card">${[...publicSettings(configured), ...(isOperator ? operatorSettings(configured) : [])].map(entry)}</dl>
  ${
    isOperator &&
    html`<details><summary>How the job reports</summary>
  <p>With the token of this heartbeat, after each run:</p>
  <pre>curl -fsS -m 10 --retry 5 -X POST -H "Authorization: Bearer $TOKEN" \\
  …/heartbeats/${name}</pre>
  <p><code>/start</code> before the run shows how long it takes; <code>/fail</code> or its exit code, from <code>/0</code> to <code>/255</code>, reports its end. ${progress.reportedAt === null && 'No report has come yet.'}</p>
</details>`
  }
</section>`
}

/** In the headline of the page. */
export function progressNotes({ configured, progress }: ShownHeartbeat, at: Date): Html[] {
  const { expected, reportedAt, runs } = progress
  const last = reportedAt === null ? html`No report has come yet` : html`Last report ${time(reportedAt)}`
  const next =
    expected === null
      ? html`none is due`
      : html`the next one is due ${time(expected)}, with a grace of ${durationText(configured.graceMs)}`
  return [html`<p class="quiet">${last}; ${next}.</p>`, ...runs.map(run => html`<p>${runText(run, at)}</p>`)]
}

function runText({ began, endsBy, overdue }: HeartbeatRun, at: Date): Html {
  const span = durationText(Math.max(0, at.getTime() - began.getTime()))
  const limit =
    endsBy === null ? '' : html`, ${overdue ? 'and should have ended by' : 'and has to end by'} ${time(endsBy)}`
  return html`A run is under way for ${span}, since ${time(began)}${limit}.`
}

function publicSettings({ cron, timezone, everyMs, graceMs, maxRunMs }: Heartbeat): Setting[] {
  return [
    ...(cron === undefined
      ? [['Due after the last report', durationText(everyMs ?? 0)] as Setting]
      : [['Schedule', html`<code>${cron}</code>`] as Setting, ['Time zone', timezone] as Setting]),
    ['Grace', durationText(graceMs)],
    ['A run ends within', maxRunMs === undefined ? 'the next due time and its grace' : durationText(maxRunMs)],
  ]
}

function operatorSettings({ channels, dependsOn, severity, runbook }: Heartbeat): Setting[] {
  const list = (names: readonly string[], none: string) => (names.length === 0 ? none : names.join(', '))
  return [
    ['Severity', severity],
    ...(runbook === undefined ? [] : [['Instructions', html`<a href="${runbook}">${runbook}</a>`] as Setting]),
    ['Channels', list(channels, 'none')],
    ['Depends on', list(dependsOn, 'no other check')],
  ]
}

function entry([name, value]: Setting): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`
}
