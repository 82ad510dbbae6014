/** Renders the overview. */
import { type Html, html } from '../../pages/html.ts'
import type { Acknowledgement } from '../store/acknowledgements.ts'
import type { Mute } from '../store/mutes.ts'
import { checkRow } from './check-row.ts'
import { dayLegend } from './day-bar.ts'
import { headlineOf } from './headline.ts'
import { layout, liveScript } from './layout.ts'
import type { Overview, ShownCheck } from './overview.ts'
import { groupings, isFiltered, type OverviewFilter, overviewPath, shownStates } from './overview-filter.ts'
import { counted, durationText, remarkText, stateWords, time } from './parts.ts'
import { isBlind, messageRemarks } from './remarks.ts'
import { sign } from './sign.ts'
import type { CheckStatus } from './status.ts'
import type { Viewer } from './viewer.ts'

interface ForOperators {
  forms: Html | undefined
  mutes: readonly Mute[]
}

export function overviewPage(overview: Overview, viewer: Viewer, { forms, mutes }: ForOperators): string {
  const { at, checks } = overview
  const { state, text } = headlineOf(checks)
  return layout(viewer, {
    title: `${text} · Status`,
    here: '/',
    icon: state,
    styles: ['/overview.css'],
    scripts: [liveScript],
    body: html`<main>
<header class="headline ${state}">
  ${sign(state)}<h1>${text}</h1>
  ${summary(overview).map(sentence => html`<p>${sentence}</p>`)}
  <p class="quiet">As of ${time(at)}. <a href="">Reload</a></p>
</header>
${incidents(overview, viewer.kind === 'operator')}
${messages(overview)}
${checks.length > 0 && checkList(overview, mutes)}
${forms && html`<details><summary>Maintenance and mutes</summary>${forms}</details>`}
</main>
<footer>
  <p>Uptime is the share of replays that worked among those that gave evidence of the service. Watched is the share of slots
  with such a replay: slots that were missed or skipped, and replays that ended in an error of the monitor or with an unknown
  outcome, were not watched. Maintenance counts as neither. Hours and days are those of UTC.</p>
</footer>`,
  })
}

/** Sentences about what the headline does not say. */
function summary({ checks, undelivered }: Overview): string[] {
  const waiting = undelivered.reduce((sum, { messages }) => sum + messages, 0)
  const failing = checks.filter(({ confirming }) => confirming !== null).length
  const blind = checks.filter(isBlind).length
  return [
    ...statesText(checks),
    ...(failing === 0 ? [] : [`${counted(failing, 'failure')} ${isAre(failing)} being confirmed.`]),
    ...(blind === 0 ? [] : [`${counted(blind, 'check')} ${blind === 1 ? 'has' : 'have'} incomplete data.`]),
    ...(waiting === 0 ? [] : [`${counted(waiting, 'message')} ${isAre(waiting)} not delivered.`]),
  ]
}

/** Empty if they are all up, or there is only one. */
function statesText(checks: readonly CheckStatus[]): string[] {
  const parts = shownStates.flatMap(state => {
    const count = checks.filter(check => check.state === state).length
    return count === 0 ? [] : [`${count} ${isAre(count)} ${stateWords[state].toLowerCase()}`]
  })
  return parts.length < 2 ? [] : [`Of ${counted(checks.length, 'check')}, ${parts.join(', ')}.`]
}

const isAre = (count: number) => (count === 1 ? 'is' : 'are')

/** Undefined if there are none. */
function incidents({ incidents, acknowledgements, at }: Overview, isOperator: boolean): Html | undefined {
  if (incidents.length === 0) return undefined
  return html`<section aria-labelledby="incidents">
<h2 id="incidents">${incidents.length === 1 ? 'Open incident' : `${incidents.length} open incidents`}</h2>
<ul class="cards">${incidents.map(incident => incidentCard(incident, at, whoKnows(acknowledgements.get(incident.id), isOperator)))}</ul>
</section>`
}

const mostNamed = 5

/** Undefined if it is not known that anyone does. */
function whoKnows(acknowledgement: Acknowledgement | undefined, isOperator: boolean): Html | undefined {
  if (!acknowledgement) return undefined
  const { operator, at } = acknowledgement
  return html`<p class="quiet">Acknowledged${isOperator && html` by <b>${operator}</b>`}, ${time(at)}.</p>`
}

function incidentCard(
  { id, environment, openedAt, checks }: Overview['incidents'][number],
  at: Date,
  known: Html | undefined,
): Html {
  const order = (state: CheckStatus['state']) => shownStates.indexOf(state)
  const sorted = [...checks].sort((a, b) => order(a.state) - order(b.state))
  const named = sorted.slice(0, mostNamed).map(({ name, state }) => `${name} is ${state}`)
  const others = checks.length - named.length
  return html`<li class="card incident">
<div class="title"><h3><a href="/incidents/${id}">Incident ${id} in ${environment}</a></h3>
<p class="quiet">for ${durationText(Math.max(0, at.getTime() - openedAt.getTime()))}</p></div>
<p>Since ${time(openedAt)}: ${named.join(', ')}${others > 0 && ` and ${others} more`}.</p>
${known}
</li>`
}

/** Undefined if all messages are delivered. */
function messages(status: Overview): Html | undefined {
  const remarks = messageRemarks(status)
  if (remarks.length === 0) return undefined
  return html`<section aria-labelledby="messages">
<h2 id="messages">Messages that were not delivered</h2>
<ul class="cards">${remarks.map(remark => html`<li class="card message">${remarkText(remark)}</li>`)}</ul>
</section>`
}

function checkList(overview: Overview, mutes: readonly Mute[]): Html {
  const { checks, filter, found, shown, at } = overview
  const isGrouped = filter.group !== ''
  const muted = new Map(mutes.flatMap(mute => (mute.kind === 'check' ? [[mute.name, mute] as const] : [])))
  const list = (rows: readonly ShownCheck[]) =>
    html`<ul class="cards">${rows.map(check => checkRow(check, at, isGrouped ? 4 : 3, muted.get(check.name)))}</ul>`
  return html`<section aria-labelledby="checks">
<div class="title"><h2 id="checks">Checks</h2>${dayLegend()}</div>
${checks.length > 1 && filterForm(overview)}
${isFiltered(filter) && html`<p>${found === 0 ? 'No check matches.' : `${found} of ${counted(checks.length, 'check')} ${found === 1 ? 'matches' : 'match'}.`} <a href="${overviewPath({ ...filter, q: '', state: '', tag: '', environment: '', page: 1 })}">Show all</a></p>`}
${isGrouped ? groupsOf(shown).map(group => html`<section class="group"><h3>${groupTitle(filter, group.name)}</h3>${list(group.checks)}</section>`) : list(shown)}
${pageLinks(overview)}
</section>`
}

function groupsOf(checks: readonly ShownCheck[]): { name: string; checks: ShownCheck[] }[] {
  const groups: { name: string; checks: ShownCheck[] }[] = []
  for (const check of checks) {
    const last = groups.at(-1)
    if (last?.name === check.group) last.checks.push(check)
    else groups.push({ name: check.group, checks: [check] })
  }
  return groups
}

function groupTitle({ group }: OverviewFilter, name: string): string {
  if (name === '') return 'Without a tag'
  const state = shownStates.find(state => state === name)
  return group === 'state' && state ? stateWords[state] : name
}

/** A form that works without scripts. Choices that would leave only one are left out. */
function filterForm({ filter, checks, tags, environments }: Overview): Html {
  const states = shownStates.filter(state => checks.some(check => check.state === state))
  return html`<form class="fields" role="search" aria-label="Checks" action="/" method="get">
<div class="field grow"><label for="q">Name</label><input id="q" name="q" type="search" value="${filter.q}" autocomplete="off"></div>
${choice(
  'state',
  'State',
  filter.state,
  'Any',
  states.map(value => ({ value, label: stateWords[value] })),
)}
${tags.length > 0 && choice('tag', 'Tag', filter.tag, 'Any', tags.map(same))}
${environments.length > 1 && choice('environment', 'Environment', filter.environment, 'Any', environments.map(same))}
${choice(
  'group',
  'Group by',
  filter.group,
  'Nothing',
  groupings
    .filter(group => group !== 'tag' || tags.length > 0)
    .map(value => ({ value, label: `${value[0]?.toUpperCase()}${value.slice(1)}` })),
)}
<button>Filter</button>
</form>`
}

const same = (value: string) => ({ value, label: value })

interface Option {
  value: string
  label: string
}

function choice(name: string, label: string, chosen: string, none: string, options: readonly Option[]): Html {
  const option = ({ value, label }: Option) =>
    html`<option value="${value}"${value === chosen && html` selected`}>${label}</option>`
  return html`<div class="field"><label for="${name}">${label}</label><select id="${name}" name="${name}">${[{ value: '', label: none }, ...options].map(option)}</select></div>`
}

/** Undefined if all checks are on this page. */
function pageLinks({ filter, pages }: Overview): Html | undefined {
  if (pages === 1) return undefined
  const shown = Array.from({ length: pages }, (_, index) => index + 1).filter(
    page => page === 1 || page === pages || Math.abs(page - filter.page) <= 2,
  )
  const link = (page: number) =>
    html`<li><a href="${overviewPath({ ...filter, page })}" aria-label="Page ${page}"${page === filter.page && html` aria-current="page"`}>${page}</a></li>`
  const links = shown.map((page, index) => [
    page - (shown[index - 1] ?? 0) > 1 && html`<li aria-hidden="true">…</li>`,
    link(page),
  ])
  return html`<nav class="pages" aria-label="Pages of checks"><ul>${links}</ul></nav>`
}
