/** Renders `/actions`: what operators have arranged, and the log of what they did. */
import { type Html, html } from '../../../pages/html.ts'
import type { Action } from '../../store/actions.ts'
import { utcText } from '../../utc-text.ts'
import { layout } from '../layout.ts'
import { table, time } from '../parts.ts'
import type { OperatorViewer } from '../viewer.ts'
import { arrangementForms } from './action-forms.ts'
import type { Arrangements } from './arrangements.ts'

export interface ActionsContent extends Arrangements {
  /** Newest first; one more than `most` if there are older ones. */
  actions: readonly Action[]
  most: number
}

export function actionsPage(viewer: OperatorViewer, { actions, most, ...arrangements }: ActionsContent): string {
  const shown = actions.slice(0, most)
  const last = actions.length > most ? shown.at(-1) : undefined
  return layout(viewer, {
    title: 'Operators',
    here: '/actions',
    body: html`<main>
<header><h1>Operators</h1></header>
${arrangementForms(viewer, arrangements, '/actions')}
<section aria-labelledby="log">
<h2 id="log">Log</h2>
${shown.length === 0 ? html`<p>No operator has acted yet.</p>` : logTable(shown)}
${last && html`<p><a href="/actions?before=${last.id}">Older</a></p>`}
</section>
</main>`,
  })
}

function logTable(actions: readonly Action[]): Html {
  return table({
    caption: 'What operators did, newest first',
    head: ['When', 'Who', 'What'],
    rows: actions.map(action => [time(action.at), action.operator, html`<span class="note">${whatOf(action)}</span>`]),
  })
}

function whatOf({ kind, subjectKind, subject, detail }: Action): Html {
  const { text, until, begin, end, checks } = detail
  const quoted = text === undefined ? undefined : html`: ${text}`
  const incident = html`<a href="/incidents/${subject}">incident ${subject}</a>`
  const named =
    subjectKind === 'check'
      ? html`<a href="/checks/${encodeURIComponent(subject)}">${subject}</a>`
      : html`channel ${subject}`
  switch (kind) {
    case 'acknowledge':
      return html`acknowledged ${incident}${quoted}`
    case 'unacknowledge':
      return html`took back the acknowledgement of ${incident}`
    case 'note':
      return html`noted on ${incident}${quoted}`
    case 'mute':
      return html`muted ${named}${until !== undefined && ` until ${utcText(new Date(until))}`}`
    case 'unmute':
      return html`unmuted ${named}`
    case 'run':
      return html`requested a run of ${named}`
    case 'maintain':
      return html`opened maintenance window ${subject}, ${checks?.join(', ') ?? 'all checks'}${begin !== undefined && end !== undefined && `, from ${utcText(new Date(begin))} to ${utcText(new Date(end))}`}${quoted}`
    case 'retry':
      return html`retried <a href="/alerts">message ${subject}</a>`
    case 'drop':
      return html`dropped <a href="/alerts">message ${subject}</a>`
    case 'end maintenance':
      return html`ended maintenance window ${subject}`
  }
}
