/** Renders the last transitions of a check. */
import { type Html, html } from '../../pages/html.ts'
import type { PastTransition } from '../store/check-transitions.ts'
import { type CheckPage, shown } from './check-reader.ts'
import { stateWords, time } from './parts.ts'

export function transitionsSection({ transitions }: CheckPage): Html | undefined {
  if (transitions.length === 0) return undefined
  return html`<section aria-labelledby="transitions">
  <h2 id="transitions">Changes of its state</h2>
  ${transitions.length === shown.transitions && html`<p class="quiet">The last ${shown.transitions}.</p>`}
  <ol class="card transitions">${transitions.map(
    transition => html`<li>${time(transition.at)} <span>${changeText(transition)}</span></li>`,
  )}</ol>
</section>`
}

function changeText({ kind, from, to, incident }: PastTransition): Html | string {
  const known = incident === null ? '' : html`<a href="/incidents/${incident}">Incident ${incident}</a>`
  if (kind === 'opened') return html`${known || 'An incident'} began`
  if (kind === 'closed') return html`${known || 'The incident'} ended`
  const state = to === null ? 'not known' : stateWords[to].toLowerCase()
  if (kind === 'flapping') return `Began to change often: flapping, ${state}`
  if (kind === 'steady') return `Steady again: ${state}`
  return html`${from === null ? '' : `${stateWords[from]} → `}<strong>${to === null ? 'not known' : stateWords[to]}</strong>`
}
