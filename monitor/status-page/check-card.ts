/** Renders a check on the status page. */

import { type Html, html } from '../../pages/html.ts'
import type { EndedReplay } from '../store/history.ts'
import type { Uptime, UptimeSpan } from '../store/uptime.ts'
import { counted, durationText, facts, remarkNote, since as sinceText, stateBadge, table, time } from './parts.ts'
import { remarksOf } from './remarks.ts'
import type { CheckStatus } from './status.ts'

export interface CheckHistory {
  /** The time of the page. */
  at: Date
  uptimes: Record<UptimeSpan, Uptime> | undefined
  replays: readonly EndedReplay[]
}

export function checkCard(check: CheckStatus, { at, uptimes, replays }: CheckHistory): Html {
  const { name, state, since, environment, nextDue } = check
  return html`<li class="card">
  <div class="title"><h3>${name}</h3>${stateBadge(state)}</div>
  ${remarksOf(check).map(remarkNote)}
  ${facts([
    ['Environment', environment],
    ['Since', since === null ? 'not known' : sinceText(since, at)],
    [nextDue !== null && nextDue < at ? 'Was due' : 'Next due', nextDue === null ? 'not planned' : time(nextDue)],
  ])}
  ${uptimes && facts(spans.map(span => [`Uptime, ${span}`, uptimeText(uptimes[span])]))}
  ${replays.length === 0 ? html`<p class="quiet">Not replayed yet.</p>` : replayList(name, replays)}
</li>`
}

const spans: readonly UptimeSpan[] = ['24 hours', '7 days', '90 days']

/** Rounded down: with one failure in a million it is not 100 %. */
function uptimeText({ up, down }: Uptime): string {
  const total = up + down
  if (total === 0) return 'no data'
  const percent = down === 0 ? '100' : (Math.floor((up / total) * 10_000) / 100).toFixed(2)
  return `${percent} % of ${counted(total, 'replay')}`
}

function replayList(name: string, replays: readonly EndedReplay[]): Html {
  const [last] = replays
  const isPlaceShown = new Set(replays.map(({ location }) => location)).size > 1
  return html`<details>
  <summary>Last replays of ${name}${last && `: ${last.outcome}${last.durationMs === null ? '' : ` in ${durationText(last.durationMs)}`}`}</summary>
  ${table({
    caption: `Last replays of ${name}`,
    head: ['Due', 'Outcome', 'Duration'],
    rows: replays.map(replay => replayRow(replay, isPlaceShown)),
  })}
</details>`
}

function replayRow({ due, location, outcome, durationMs }: EndedReplay, isPlaceShown: boolean) {
  const duration = durationMs === null ? 'not known' : durationText(durationMs)
  const place = isPlaceShown ? html`<br><span class="quiet">${location}</span>` : undefined
  return [html`${time(due)}${place}`, outcome, duration]
}
