/** Parts that the pages share. Their look is in page.css. */

import { type Html, html } from '../../pages/html.ts'
import { durationText } from '../duration-text.ts'
import { utcText } from '../utc-text.ts'
import type { Remark } from './remarks.ts'
import { sign } from './sign.ts'
import type { CheckStatus } from './status.ts'

export { durationText }

export function time(time: Date): Html {
  return html`<time datetime="${time.toISOString()}">${utcText(time)}</time>`
}

/** A time, and how long before `now` it was. @public */
export function since(from: Date, now: Date): Html {
  return html`${time(from)}, <span class="span">for ${durationText(Math.max(0, now.getTime() - from.getTime()))}</span>`
}

export function remarkText(remark: Remark): Html {
  return html`${remark.map(part => (part instanceof Date ? time(part) : part))}`
}

export function remarkNote(remark: Remark): Html {
  return html`<p class="remark">${remarkText(remark)}</p>`
}

/** A word, and a sign that differs in shape as well as in colour. */
export function stateBadge(state: CheckStatus['state'], word: string = stateWords[state]): Html {
  return html`<span class="state ${state}">${sign(state)}${word}</span>`
}

export const stateWords = {
  up: 'Up',
  degraded: 'Degraded',
  down: 'Down',
  unknown: 'Unknown',
  maintenance: 'In maintenance',
}

type Text = Html | string | number

interface TableContent {
  /** Shown above the table, and its name for assistive technology. */
  caption: string
  head: readonly Text[]
  rows: readonly (readonly Text[])[]
}

/** A table that scrolls by itself where it is too wide for the page. */
export function table({ caption, head, rows }: TableContent): Html {
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
  <caption>${caption}</caption>
  <thead><tr>${head.map(cell => html`<th scope="col">${cell}</th>`)}</tr></thead>
  <tbody>${rows.map(row => html`<tr>${row.map(cell => html`<td>${cell}</td>`)}</tr>`)}</tbody>
</table></div>`
}

/** `1 replay`, `3 replays`. */
export const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`
