/** Renders `/incidents`: the history of incidents, page by page. */
import { type Html, html } from '../../pages/html.ts'
import type { HistoryFilters, IncidentSummary } from '../store/incident-history.ts'
import { firstNames } from './first-names.ts'
import { layout, liveScript } from './layout.ts'
import { durationText, time } from './parts.ts'
import { shownSubjects } from './shown-subjects.ts'
import { versionChange, versionSentence } from './version-change.ts'
import type { Viewer } from './viewer.ts'

export interface ShownHistory {
  /** The time of the page. */
  at: Date
  incidents: readonly IncidentSummary[]
  filters: HistoryFilters
  /** Empty: all. */
  chosen: { check: string; environment: string }
  /** The number before which older incidents are; undefined: there are none. */
  older: number | undefined
  /** Older incidents are shown, not the newest. */
  isOlder: boolean
}

export function incidentsPage(shown: ShownHistory, viewer: Viewer): string {
  const { at, incidents, older, isOlder, chosen } = shown
  const isFiltered = chosen.check !== '' || chosen.environment !== ''
  return layout(viewer, {
    title: 'Incidents',
    here: '/incidents',
    styles: ['/incidents.css'],
    scripts: [liveScript],
    body: html`<header>
  <h1>Incidents</h1>
  <p>An incident lasts from the confirmed failure of a check until all of its checks are up again. <a href="/incidents.atom">Atom feed</a></p>
</header>
<main${shownSubjects({ checks: [], incidents: 'all' })}>
  ${filterForm(shown)}
  <section aria-label="History">
    ${incidents.length === 0 ? html`<p>${isFiltered ? 'There are none with this check and environment.' : 'There were none.'}</p>` : html`<ul class="cards history">${incidents.map(incident => incidentRow(incident, at))}</ul>`}
    ${
      (isOlder || older !== undefined) &&
      html`<nav class="pages" aria-label="Pages of the history">
      ${isOlder && html`<a href="${historyPath(chosen)}">Newest</a>`}
      ${older !== undefined && html`<a href="${historyPath(chosen, older)}" rel="next">Older</a>`}
    </nav>`
    }
  </section>
</main>`,
  })
}

function historyPath(chosen: ShownHistory['chosen'], before?: number): string {
  const query = new URLSearchParams(Object.entries(chosen).filter(([, value]) => value !== ''))
  if (before !== undefined) query.set('before', String(before))
  const text = query.toString()
  return text === '' ? '/incidents' : `/incidents?${text}`
}

function filterForm({ filters, chosen }: ShownHistory): Html {
  return html`<form class="filter" method="get" action="/incidents">
    ${field('check', 'Check', filters.checks, chosen.check)}
    ${filters.environments.length > 1 && field('environment', 'Environment', filters.environments, chosen.environment)}
    <button>Show</button>
  </form>`
}

function field(name: string, label: string, values: readonly string[], chosen: string): Html {
  // A value that is not in the list any more stays chosen.
  const shown = chosen === '' || values.includes(chosen) ? values : [chosen, ...values]
  return html`<p class="field"><label for="${name}">${label}</label>
    <select id="${name}" name="${name}"><option value="">All</option>${shown.map(
      value => html`<option value="${value}"${value === chosen && html` selected`}>${value}</option>`,
    )}</select></p>`
}

function incidentRow({ id, environment, openedAt, closedAt, checks }: IncidentSummary, at: Date): Html {
  const took = durationText(Math.max(0, (closedAt ?? at).getTime() - openedAt.getTime()))
  const changed = checks.find(check => versionChange(check) !== 'unknown')
  return html`<li class="card ${closedAt === null && 'incident'}">
    <div class="title"><h2><a href="/incidents/${id}">${firstNames(checks)}</a></h2>
    <span class="${closedAt === null ? 'bad' : 'good'}">${closedAt === null ? 'Open' : 'Closed'}</span></div>
    <p>${time(openedAt)}, <span class="span">${closedAt === null ? `for ${took}` : took}</span></p>
    <p class="quiet">Incident ${id} in ${environment}. ${changed && versionSentence(changed)}</p>
  </li>`
}
