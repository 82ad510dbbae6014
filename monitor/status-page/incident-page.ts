/** Renders `/incidents/ID`: what broke, since when, what changed, what the failing step looks like, and who knows it. */
import { type Html, html } from '../../pages/html.ts'
import type { Acknowledgement } from '../store/acknowledgements.ts'
import type { Action } from '../store/actions.ts'
import { type FailedReplay, type FailedReplayKey, mostCounted } from '../store/failed-replays.ts'
import type { IncidentAlert, IncidentCheck, IncidentDetails } from '../store/incident-details.ts'
import type { Mute } from '../store/mutes.ts'
import { incidentForms } from './actions/action-forms.ts'
import { deliveryText, timelineOf, wasRemoved } from './incident-timeline.ts'
import { layout, liveScript } from './layout.ts'
import { durationText, time } from './parts.ts'
import { evidenceIn, type FailedSpec } from './replay-evidence.ts'
import { shownSubjects } from './shown-subjects.ts'
import { versionSentence } from './version-change.ts'
import type { Viewer } from './viewer.ts'

export interface ShownIncident {
  /** The time of the page. */
  at: Date
  incident: IncidentDetails
  /** At most one more than are counted. */
  failed: number
  /** Newest first; empty for the public. */
  evidence: readonly FailedReplay[]
  /** After which older evidence is read; undefined: there is none. */
  older: FailedReplayKey | undefined
  /** Older evidence is shown, not the newest. */
  isOlder: boolean
  acknowledgement: Acknowledgement | undefined
  /** Of operators, oldest first; empty for the public. */
  actions: readonly Action[]
  /** Of its checks, and of channels that would be notified; empty for the public, and of an incident that has ended. */
  mutes: readonly Mute[]
  /** Otherwise it is not shown who was alerted. */
  showsChannels: boolean
}

export function incidentPage(shown: ShownIncident, viewer: Viewer): string {
  const { incident, acknowledgement, actions } = shown
  const isOperator = viewer.kind === 'operator'
  return layout(viewer, {
    title: `${headlineOf(shown)} Incident ${incident.id}`,
    here: '/incidents',
    icon: shown.incident.closedAt === null ? 'down' : 'up',
    styles: ['/incidents.css'],
    scripts: [liveScript],
    body: html`<main${shownSubjects({ checks: incident.checks.map(({ name }) => name), incidents: [incident.id] })}>
  ${headline(shown, isOperator)}
  ${incidentForms(viewer, { id: incident.id, isOpen: incident.closedAt === null, acknowledgement }, `/incidents/${incident.id}`)}
  <section aria-labelledby="checks">
    <h2 id="checks">Affected checks</h2>
    ${checksTable(shown)}
  </section>
  <section aria-labelledby="timeline">
    <h2 id="timeline">Timeline</h2>
    <ol class="timeline">${timelineOf(incident, { isOperator, acknowledgement, actions }).map(
      ({ at, kind, text, more }) => html`<li class="${kind}">
      <p class="when">${time(at)}</p>
      <div><p>${text}</p>${more && html`<p class="quiet">${more}</p>`}</div>
    </li>`,
    )}</ol>
  </section>
  ${isOperator && evidenceSection(shown)}
</main>
<footer>
  <p><a href="/incidents">All incidents</a></p>
  <p>Times are due times of replays, in UTC; those of alerts are when they were written.${!isOperator && ' What was requested and why it failed is shown to operators.'}</p>
</footer>`,
  })
}

/** The state in words. */
function headlineOf({ at, incident }: Pick<ShownIncident, 'at' | 'incident'>): string {
  const { checks, openedAt, closedAt } = incident
  const inIt = closedAt === null ? checks.filter(check => check.closedAt === null) : checks
  const names = namesOf(inIt.length > 0 ? inIt : checks)
  const isOne = inIt.length <= 1
  const took = durationText(Math.max(0, (closedAt ?? at).getTime() - openedAt.getTime()))
  if (closedAt !== null) return `${names} ${isOne ? 'was' : 'were'} down for ${took}.`
  if (inIt.every(({ state }) => state === 'down')) return `${names} ${isOne ? 'is' : 'are'} down.`
  return `${names} ${isOne ? 'is' : 'are'} not up yet.`
}

function namesOf(checks: readonly { name: string }[]): string {
  const names = checks.map(({ name }) => name)
  if (names.length > 3) return `${names.slice(0, 2).join(', ')} and ${names.length - 2} more checks`
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : (names[0] ?? 'No check')
}

function headline(shown: ShownIncident, isOperator: boolean): Html {
  const { at, incident, failed, evidence, isOlder } = shown
  const { id, environment, openedAt, closedAt } = incident
  const took = durationText(Math.max(0, (closedAt ?? at).getTime() - openedAt.getTime()))
  const [latest] = isOlder ? [] : evidence
  return html`<header class="headline incident-headline ${closedAt === null ? 'down' : 'up'}">
    <p class="eyebrow">Incident ${id} in ${environment}, ${closedAt === null ? 'open' : 'closed'}</p>
    <h1>${headlineOf(shown)}</h1>
    <dl>
      <div><dt>${closedAt === null ? 'Since' : 'From'}</dt><dd>${time(openedAt)}${
        closedAt === null ? html`, <span class="span">for ${took}</span>` : html` to ${time(closedAt)}`
      }; ${failedText(failed)}</dd></div>
      <div><dt>Version</dt><dd>${versionOf(incident)}</dd></div>
      ${(shown.showsChannels || shown.acknowledgement) && html`<div><dt>Who knows</dt><dd>${whoKnows(shown, isOperator)}</dd></div>`}
    </dl>
    ${isOperator && latest && latestFailure(latest, at)}
  </header>`
}

/** Of the check that failed first; the table has those of the others. */
function versionOf({ checks }: IncidentDetails): Html {
  const known = checks.find(({ failingVersion, passedVersion }) => failingVersion !== null || passedVersion !== null)
  const first = known ?? checks[0]
  return first ? versionSentence(first) : html`unknown`
}

function failedText(failed: number): string {
  if (failed === 1) return '1 failed replay'
  return `${failed > mostCounted ? `more than ${mostCounted}` : failed} failed replays`
}

function whoKnows({ incident, acknowledgement, mutes, showsChannels }: ShownIncident, isOperator: boolean): Html {
  const by = isOperator && acknowledgement && html` by <b>${acknowledgement.operator}</b>`
  return html`${acknowledgement && html`Acknowledged${by}, ${time(acknowledgement.at)}. `}${showsChannels && whoIsAlerted(incident.messages)}${mutes
    .filter(({ kind }) => kind === 'channel')
    .map(mute => html`; ${mute.name} is ${mutedText(mute)}`)}`
}

const mutedText = ({ until, operator }: Mute) => html`muted until ${time(until)} by <b>${operator}</b>`

/** Of each channel that nothing has reached: the first message that waits. */
function whoIsAlerted(messages: readonly IncidentAlert[]): Html {
  if (messages.length === 0) return html`No channel was alerted.`
  const channels = new Map([...messages].reverse().map(message => [message.channel, message]))
  const reached = [...channels.keys()].filter(name =>
    messages.some(
      ({ channel, deliveredAt, lastError }) => channel === name && deliveredAt !== null && lastError === null,
    ),
  )
  const others = [...channels].filter(([name]) => !reached.includes(name))
  return html`${reached.length > 0 && html`Alerted: ${reached.join(', ')}${others.length > 0 && '; '}`}${others.map(
    ([name, message], index) => html`${index > 0 && '; '}${name}: ${deliveryText(message)}`,
  )}`
}

function latestFailure({ check, due, detail, reason }: FailedReplay, at: Date): Html {
  const [spec] = evidenceIn(detail).failed
  const ago = durationText(Math.max(0, at.getTime() - due.getTime()))
  return html`<div class="step">
      <h2>Last failure: ${check}, <span class="span">${ago} ago</span></h2>
      ${spec ? failedSpec(shortened(spec)) : html`<pre>${reason ?? 'No reason is known.'}</pre>`}
    </div>`
}

/** The beginning of the error, and the request before it. */
function shortened({ error, requests, ...spec }: FailedSpec): FailedSpec {
  const lines = error?.message.split('\n').filter(line => line.trim() !== '') ?? []
  return { ...spec, error: error && { ...error, message: lines.slice(0, 5).join('\n') }, requests: requests.slice(-1) }
}

/** Lines of an error, and requests, on one card at most. */
const [mostLines, mostRequests] = [40, 20]

function failedSpec({ title, file, line, attempts, error, requests }: FailedSpec): Html {
  const message = error?.message.split('\n') ?? []
  const place = error?.file === undefined ? `${file}:${line}` : `${error.file}:${error.line}`
  return html`<p class="spec"><b>${title}</b> <span class="quiet">${place}${attempts > 1 && `, ${attempts} attempts`}</span></p>
      ${error && html`<pre>${message.slice(0, mostLines).join('\n')}${message.length > mostLines && '\n…'}</pre>`}
      ${requests.length > 0 && requestList(requests)}`
}

/** The last ones are those before the failure. */
function requestList(requests: FailedSpec['requests']): Html {
  const last = requests.slice(-mostRequests)
  const left = requests.length - last.length
  return html`<ol class="requests">${left > 0 && html`<li class="quiet">${left} earlier requests are in the report.</li>`}${last.map(
    ({ method, url, status, error, totalMs }) =>
      html`<li><b class="status ${status !== undefined && status < 400 ? 'good' : 'bad'}">${status ?? 'no response'}</b> <span>${method} ${url}${error !== undefined && `: ${error}`}</span>${totalMs !== undefined && html` <span class="quiet span">${durationText(totalMs)}</span>`}</li>`,
  )}</ol>`
}

function checksTable({ at, incident, mutes }: ShownIncident): Html {
  const { checks, transitions } = incident
  return html`<ul class="cards affected">${checks.map(check => {
    const { name, openedAt, closedAt, failingSince, state, active } = check
    const left =
      closedAt === null ? undefined : wasRemoved(name, closedAt, transitions) ? 'not monitored any more' : 'up'
    const now = left ?? (active ? state : 'not monitored any more')
    const mute = mutes.find(each => each.kind === 'check' && each.name === name)
    const until = (closedAt ?? at).getTime() - openedAt.getTime()
    return html`<li class="card">
      <div class="title"><h3>${active ? html`<a href="/checks/${encodeURIComponent(name)}">${name}</a>` : name}</h3>
      <span class="${now === 'up' ? 'good' : now === 'down' ? 'bad' : 'warning'}">${now}</span></div>
      <dl>
        <div><dt>First failure</dt><dd>${failingSince === null ? 'not known' : time(failingSince)}</dd></div>
        <div><dt>Down from</dt><dd>${time(openedAt)}</dd></div>
        <div><dt>${closedAt === null ? 'For' : 'Until'}</dt><dd>${closedAt !== null && html`${time(closedAt)}, `}<span class="span">${closedAt !== null && 'for '}${durationText(Math.max(0, until))}</span></dd></div>
        <div><dt>Version</dt><dd>${versionSentence(check)}${passedText(check)}</dd></div>
        ${mute && html`<div><dt>Alerts</dt><dd>${mutedText(mute)}</dd></div>`}
      </dl>
    </li>`
  })}</ul>`
}

function passedText({ passedAt }: IncidentCheck): Html | undefined {
  return passedAt === null ? undefined : html` <span class="quiet">It passed last at ${time(passedAt)}.</span>`
}

function evidenceSection({ incident, evidence, older, isOlder }: ShownIncident): Html {
  return html`<section aria-labelledby="evidence">
    <h2 id="evidence">Failed replays</h2>
    ${isOlder && html`<p><a href="/incidents/${incident.id}#evidence">The newest</a></p>`}
    ${
      evidence.length === 0
        ? html`<p class="quiet">There are none ${isOlder ? 'before' : 'any more: results are kept for a limited time'}.</p>`
        : html`<ul class="cards">${evidence.map((replay, index) => replayCard(replay, index === 0))}</ul>`
    }
    ${older && html`<p><a href="/incidents/${incident.id}?before=${encodeURIComponent(keyText(older))}#evidence">Earlier failures</a></p>`}
  </section>`
}

/** As `FailedReplayKey` in a URL. */
const keyText = ({ due, check, location, kind }: FailedReplayKey) =>
  JSON.stringify([due.toISOString(), check, location, kind])

function replayCard(
  { check, due, location, kind, durationMs, version, reason, detail }: FailedReplay,
  isOpen: boolean,
) {
  const { run, failed } = evidenceIn(detail)
  return html`<li class="card" data-key="${keyText({ due, check, location, kind })}">
      <div class="title"><h3>${check}, ${time(due)}</h3>
      ${run !== undefined && html`<a href="/reports/${encodeURIComponent(run)}">Report</a>`}</div>
      <p class="quiet">From ${location}${kind !== 'cron' && `, ${kind === 'confirm' ? 'to confirm a failure' : 'by hand'}`}${durationMs !== null && `, ${durationText(durationMs)}`}, ${version === null ? 'version unknown' : `version ${version}`}</p>
      <details${isOpen && html` open`}><summary>${failed.length === 0 ? 'Reason' : failed.map(({ title }) => title).join(', ')}</summary>
      ${failed.length === 0 && html`<pre>${reason ?? 'No reason is known.'}</pre>`}
      ${failed.map(failedSpec)}</details>
    </li>`
}
