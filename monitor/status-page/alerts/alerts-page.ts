/** Renders `/alerts`: the messages that wait or were given up, and those that were delivered. For operators. */
import { type Html, html } from '../../../pages/html.ts'
import type { ChannelPause } from '../../store/channel-pauses.ts'
import type {
  DeadMessage,
  DoneMessage,
  MessageQueue,
  PendingMessage,
  WaitingMessage,
} from '../../store/message-queue.ts'
import type { AlertMessage } from '../../store/messages.ts'
import { layout, liveScript } from '../layout.ts'
import { counted, durationText, since, table, time } from '../parts.ts'
import type { OperatorViewer } from '../viewer.ts'
import { summaryOf } from './message-summary.ts'

export interface AlertsContent extends MessageQueue {
  pauses: readonly ChannelPause[]
  /** Newest first; one more than `mostDone` if there are older ones. */
  done: readonly DoneMessage[]
  mostDone: number
  /** Whether these are older ones, without what waits. */
  isOlder: boolean
}

export function alertsPage(viewer: OperatorViewer, content: AlertsContent): string {
  const { at, waiting, dead, counts, pauses, isOlder } = content
  return layout(viewer, {
    title: isOlder ? 'Delivered alerts' : 'Alerts',
    here: '/alerts',
    styles: ['/alerts-page.css'],
    scripts: isOlder ? [] : [liveScript],
    body: html`<main>
${
  isOlder
    ? html`<header><h1>Delivered alerts</h1><p><a href="/alerts">What waits now</a></p></header>`
    : html`<header class="headline ${headlineState(content)}">
  <h1>${headlineOf(content)}</h1>
  <p class="quiet">As of ${time(at)}. <a href="">Reload</a></p>
</header>
${pauses.length > 0 && html`<ul class="cards">${pauses.map(pauseCard)}</ul>`}
${counts.dead > 0 && section('given-up', 'Given up', counts.dead, dead, message => deadCard(message, at))}
${counts.waiting > 0 && section('waiting', 'Waiting', counts.waiting, waiting, message => waitingCard(message, at))}`
}
${doneSection(content)}
</main>
${
  !isOlder &&
  html`<footer>
  <p>Messages of one stream, such as an incident, reach a channel in order. One that is always refused is given up after 24
  hours if the channel accepts others, and any after 7 days; then the next one of its stream is sent. Dropping a message
  does not keep its channel from hearing of the end.</p>
</footer>`
}`,
  })
}

function headlineState({ waiting, counts }: MessageQueue): string {
  if (counts.dead > 0 || waiting.some(({ failingSince }) => failingSince !== null)) return 'degraded'
  return 'up'
}

function headlineOf({ counts }: MessageQueue): string {
  if (counts.waiting + counts.dead === 0) return 'No message waits.'
  const waits = `${counted(counts.waiting, 'message')} ${counts.waiting === 1 ? 'waits' : 'wait'}`
  if (counts.dead === 0) return `${waits}.`
  const givenUp = `${counts.dead} ${counts.dead === 1 ? 'was' : 'were'} given up`
  return counts.waiting === 0
    ? `${counted(counts.dead, 'message')} ${counts.dead === 1 ? 'was' : 'were'} given up.`
    : `${waits}, ${givenUp}.`
}

function pauseCard({ channel, until, reason }: ChannelPause): Html {
  return html`<li class="card message"><p><strong>${channel}</strong> is paused until ${time(until)}: the receiver ${reason}.</p></li>`
}

function section<T extends PendingMessage>(
  id: string,
  heading: string,
  count: number,
  messages: readonly T[],
  card: (message: T) => Html,
): Html {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${heading}</h2>
<ul class="cards alerts">${messages.map(card)}</ul>
${count > messages.length && html`<p class="quiet">These are the oldest ${messages.length} of ${count}.</p>`}
</section>`
}

function waitingCard(message: WaitingMessage, now: Date): Html {
  const { id, failingSince, isTaken } = message
  return html`<li class="card ${failingSince === null ? 'message' : 'warning'}">
  ${titleOf(message)}
  <p>${stateOf(message, now)}</p>
  ${failureOf(message, now)}
  ${!isTaken && html`<div class="fields">${message.waitsFor === null && button(id, 'retry', 'Send now')}${button(id, 'drop', 'Drop', 'quiet')}</div>`}
</li>`
}

function stateOf({ isTaken, waitsFor, notBefore, nextAttempt, createdAt }: WaitingMessage, now: Date): Html {
  const waits = html`Waits since ${since(createdAt, now)}`
  if (isTaken) return html`Is being sent.`
  if (waitsFor !== null) return html`${waits}; after message ${waitsFor} of the same stream.`
  if (notBefore !== null && notBefore > now) return html`${waits}; not to be sent before ${time(notBefore)}.`
  return nextAttempt > now ? html`${waits}; next attempt ${time(nextAttempt)}.` : html`${waits}; due now.`
}

function deadCard(message: DeadMessage, now: Date): Html {
  const { id, deadAt, createdAt, isOvertaken } = message
  return html`<li class="card bad">
  ${titleOf(message)}
  <p>Written ${time(createdAt)}, given up ${time(deadAt)}.${isOvertaken && ' A later message of the same stream was accepted, so this one can only be dropped.'}</p>
  ${failureOf(message, now)}
  <div class="fields">${!isOvertaken && button(id, 'retry', 'Retry')}${button(id, 'drop', 'Drop', 'quiet')}</div>
</li>`
}

function titleOf({ id, channel, message }: PendingMessage): Html {
  return html`<div class="title"><h3>${whatOf(message)}</h3><span class="to">to <strong>${channel}</strong></span></div>
  <p class="quiet">Message ${id}${aboutOf(message)}</p>`
}

function whatOf(message: AlertMessage): Html {
  const { kind, incident } = summaryOf(message)
  return html`${kind}${incident !== undefined && html`, <a href="/incidents/${incident}">incident ${incident}</a>`}`
}

function aboutOf(message: AlertMessage): string {
  const { about } = summaryOf(message)
  return about === '' ? '' : `: ${about}`
}

function failureOf({ attempts, failingSince, failure, lastError }: PendingMessage, now: Date): Html | undefined {
  if (failure === null) return undefined
  return html`<p>${counted(attempts, 'attempt')}${failingSince !== null && html`, failing since ${since(failingSince, now)}`}; last: ${failure}.</p>
  ${lastError !== null && html`<p class="error">${lastError}</p>`}`
}

function button(id: number, action: 'retry' | 'drop', label: string, look?: 'quiet'): Html {
  return html`<form method="post" action="/actions/messages/${id}/${action}"><input type="hidden" name="next" value="/alerts"><button${look && html` class="quiet"`} aria-label="${label}: message ${id}">${label}</button></form>`
}

function doneSection({ done, mostDone }: AlertsContent): Html {
  const shown = done.slice(0, mostDone)
  const last = done.length > mostDone ? shown.at(-1) : undefined
  return html`<section aria-labelledby="done">
<h2 id="done">Delivered</h2>
${shown.length === 0 ? html`<p>No message was delivered yet.</p>` : doneTable(shown)}
${last && html`<p><a href="/alerts?before=${last.id}">Older</a></p>`}
</section>`
}

function doneTable(messages: readonly DoneMessage[]): Html {
  return table({
    caption: 'Delivered, newest first',
    head: ['When', 'Channel', 'Message', 'About', 'Delivery'],
    rows: messages.map(({ doneAt, channel, message, ...delivery }) => [
      time(doneAt),
      channel,
      whatOf(message),
      summaryOf(message).about,
      deliveryOf({ doneAt, ...delivery }),
    ]),
  })
}

function deliveryOf({
  closedSince,
  remark,
  createdAt,
  doneAt,
  attempts,
}: Omit<DoneMessage, 'channel' | 'message'>): Html {
  const took = durationText(doneAt.getTime() - createdAt.getTime())
  const tried = attempts > 1 && `, ${attempts} attempts`
  const how = closedSince === null ? html`after ${took}${tried}` : html`not sent: ${closedSince}`
  return html`${how}${remark !== null && html`<div class="quiet">${remark}</div>`}`
}
