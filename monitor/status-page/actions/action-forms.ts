/** Forms with which operators act, for the pages: they need no script, and return to the page. Undefined for visitors. */
import { type Html, html } from '../../../pages/html.ts'
import type { Acknowledgement } from '../../store/acknowledgements.ts'
import type { Mute } from '../../store/mutes.ts'
import { time } from '../parts.ts'
import type { Viewer } from '../viewer.ts'
import type { Arrangements } from './arrangements.ts'

/** @param next The path of the page. */
export function incidentForms(
  viewer: Viewer,
  { id, isOpen, acknowledgement }: { id: number; isOpen: boolean; acknowledgement: Acknowledgement | undefined },
  next: string,
): Html | undefined {
  if (viewer.kind !== 'operator') return undefined
  const path = `/actions/incidents/${id}`
  return html`<section aria-labelledby="act">
<h2 id="act">Actions</h2>
${
  acknowledgement
    ? html`<p>Acknowledged by <strong>${acknowledgement.operator}</strong>, ${time(acknowledgement.at)}.</p>
  ${isOpen && oneButton(`${path}/unacknowledge`, next, 'Take back', 'quiet')}`
    : isOpen && oneButton(`${path}/acknowledge`, next, 'Acknowledge')
}
<form method="post" action="${path}/notes" class="fields">
  ${returning(next)}
  <p class="field"><label for="note">Note</label>
    <textarea id="note" name="text" rows="2" cols="48" maxlength="4000" required></textarea></p>
  <button class="quiet">Add note</button>
</form>
</section>`
}

/** @param mute If the check is muted. */
export function checkForms(
  viewer: Viewer,
  { name, mute, isReplayed }: { name: string; mute: Mute | undefined; isReplayed: boolean },
  next: string,
): Html | undefined {
  if (viewer.kind !== 'operator') return undefined
  const path = `/actions/checks/${encodeURIComponent(name)}`
  return html`<section aria-labelledby="act">
<h2 id="act">Actions</h2>
<div class="fields">
  ${isReplayed && oneButton(`${path}/run`, next, 'Run now')}
  ${mute ? mutedCheck(mute, next) : muteForm(path, next)}
</div>
</section>`
}

function mutedCheck({ name, operator, until }: Mute, next: string): Html {
  return html`<p>Muted by <strong>${operator}</strong> until ${time(until)}.</p>
  ${oneButton(`/actions/checks/${encodeURIComponent(name)}/unmute`, next, `Unmute`, 'quiet')}`
}

function muteForm(path: string, next: string): Html {
  return html`<form method="post" action="${path}/mute" class="fields">
  ${returning(next)}
  ${spanField('mute-for', 'No alerts for')}
  <button class="quiet">Mute</button>
</form>`
}

/** What is arranged, and the forms to arrange more. */
export function arrangementForms(viewer: Viewer, arrangements: Arrangements, next: string): Html | undefined {
  if (viewer.kind !== 'operator') return undefined
  const { mutes, windows, checks, channels, at } = arrangements
  return html`<section aria-labelledby="maintenance">
<h2 id="maintenance">Maintenance</h2>
<p class="quiet">Failures cause no alerts, and replays do not count in the uptime.</p>
${
  windows.length > 0 &&
  html`<ul class="cards">${windows.map(
    ({ id, begin, end, checks, reason, operator }) => html`<li class="card">
  <div class="title"><h3>${checks?.join(', ') ?? 'All checks'}</h3>${oneButton(`/actions/maintenance/${id}/end`, next, begin <= at ? 'End now' : 'Cancel', 'quiet')}</div>
  <p>${begin <= at ? html`Until ${time(end)}` : html`From ${time(begin)} to ${time(end)}`}, by ${operator}${reason !== undefined && `: ${reason}`}.</p>
</li>`,
  )}</ul>`
}
<form method="post" action="/actions/maintenance" class="fields">
  ${returning(next)}
  ${checksField(checks, 'now-')}
  <p class="field"><label for="now-reason">Reason</label><input id="now-reason" name="reason" maxlength="500"></p>
  ${spanField('window-for', 'From now, for')}
  <button class="quiet">Open</button>
</form>
<details><summary>At another time</summary>
<form method="post" action="/actions/maintenance" class="fields">
  ${returning(next)}
  ${checksField(checks, 'later-')}
  <p class="field"><label for="later-reason">Reason</label><input id="later-reason" name="reason" maxlength="500"></p>
  <p class="field"><label for="later-from">From, in UTC</label><input id="later-from" name="from" type="datetime-local" required></p>
  <p class="field"><label for="later-until">To, in UTC</label><input id="later-until" name="until" type="datetime-local" required></p>
  <button class="quiet">Plan</button>
</form></details>
</section>
<section aria-labelledby="mutes">
<h2 id="mutes">Mutes</h2>
<p class="quiet">Failures cause no alerts until the end; what is still down then is alerted. Recoveries are always alerted.</p>
${
  mutes.length > 0 &&
  html`<ul class="cards">${mutes.map(
    ({ kind, name, until, operator }) => html`<li class="card">
  <div class="title"><h3>${kind === 'check' ? 'Check' : 'Channel'} ${name}</h3>${oneButton(`/actions/${kind}s/${encodeURIComponent(name)}/unmute`, next, 'Unmute', 'quiet')}</div>
  <p>Until ${time(until)}, by ${operator}.</p>
</li>`,
  )}</ul>`
}
${
  channels.length > 0 &&
  html`<div class="fields">${channels
    .filter(name => !mutes.some(mute => mute.kind === 'channel' && mute.name === name))
    .map(
      name => html`<form method="post" action="/actions/channels/${encodeURIComponent(name)}/mute">
  ${returning(next)}<input type="hidden" name="for" value="1h"><button class="quiet">Mute channel ${name} for 1 hour</button>
</form>`,
    )}</div>`
}
</section>`
}

function checksField(checks: readonly string[], prefix: string): Html {
  return html`<p class="field"><label for="${prefix}checks">Which checks</label>
    <select id="${prefix}checks" name="checks"><option value="">All checks</option>${checks.map(name => html`<option>${name}</option>`)}</select></p>`
}

const spans = [
  ['15m', '15 minutes'],
  ['1h', '1 hour'],
  ['4h', '4 hours'],
  ['1d', '1 day'],
  ['7d', '7 days'],
] as const

function spanField(id: string, label: string): Html {
  const options = spans.map(
    ([value, text]) => html`<option value="${value}"${value === '1h' && html` selected`}>${text}</option>`,
  )
  return html`<p class="field"><label for="${id}">${label}</label><select id="${id}" name="for">${options}</select></p>`
}

const returning = (next: string) => html`<input type="hidden" name="next" value="${next}">`

function oneButton(action: string, next: string, label: string, look?: 'quiet'): Html {
  return html`<form method="post" action="${action}">${returning(next)}<button${look && html` class="quiet"`}>${label}</button></form>`
}
