/** Parts of the pages. */

import { type Html, html } from '../../pages/html.ts'
import { utcText } from '../utc-text.ts'
import type { Remark } from './remarks.ts'
import type { CheckStatus } from './status.ts'

export function time(time: Date): Html {
  return html`<time datetime="${time.toISOString()}">${utcText(time)}</time>`
}

export function remarkText(remark: Remark): Html {
  return html`${remark.map(part => (part instanceof Date ? time(part) : part))}`
}

/** A word, and a sign that differs in shape as well as in colour. */
export function stateBadge(state: CheckStatus['state']): Html {
  return html`<p class="state ${state}"><span aria-hidden="true">${signs[state]}</span> ${words[state]}</p>`
}

const signs = { up: '✓', degraded: '!', down: '✕', unknown: '?', maintenance: '‖' }
const words = { up: 'Up', degraded: 'Degraded', down: 'Down', unknown: 'Unknown', maintenance: 'In maintenance' }

/** The two largest units: `3 d 4 h`, `12 min`, `812 ms`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  const minutes = Math.floor(ms / 60_000)
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24]
  if (days > 0) return `${days} d ${hours} h`
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`
}
