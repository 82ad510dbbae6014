/** Orders what has happened in an incident: failures, confirmations, alerts and their delivery, recovery. */
import { type Html, html } from '../../pages/html.ts'
import type { Acknowledgement } from '../store/acknowledgements.ts'
import type { Action } from '../store/actions.ts'
import type { IncidentAlert, IncidentDetails } from '../store/incident-details.ts'
import { durationText, time } from './parts.ts'

export interface TimelineEntry {
  at: Date
  /** `alert`: of a message; `note`: by an operator, or without an effect on the state. */
  kind: 'bad' | 'good' | 'alert' | 'note'
  text: Html
  /** Further sentences. */
  more?: Html
  /** A time that is not in the past, such as that of a message under way. */
  isPending?: true
}

export interface TimelineView {
  /** Whether errors, notes and the names of operators are shown. */
  isOperator: boolean
  acknowledgement: Acknowledgement | undefined
  /** Empty if it is no operator's. */
  actions: readonly Action[]
}

/** Contributes entries of one kind; further kinds are added to `sources`. */
type TimelineSource = (incident: IncidentDetails, view: TimelineView) => TimelineEntry[]

const sources: readonly TimelineSource[] = [failures, opening, changes, alerts, acts, closing]

/** Oldest first. Entries of the same time are in the order of their sources. */
export function timelineOf(incident: IncidentDetails, view: TimelineView): TimelineEntry[] {
  return sources.flatMap(source => source(incident, view)).sort((a, b) => a.at.getTime() - b.at.getTime())
}

/** The first failure of each check, and each replay that confirmed it, or did not. */
function failures({ checks, firstReplays }: IncidentDetails): TimelineEntry[] {
  return checks.flatMap(({ name, failingSince, openedAt }) => {
    const replays = firstReplays.filter(({ check }) => check === name)
    const places = new Set(replays.map(({ location }) => location))
    return replays.map(({ due, kind, outcome, location, version }): TimelineEntry => {
      const isFirst = due.getTime() === failingSince?.getTime()
      const isDecisive = due.getTime() === openedAt.getTime()
      const failed = isFirst
        ? 'failed for the first time'
        : `failed again${isDecisive ? ': the failure is confirmed' : ''}`
      const purpose = kind === 'confirm' ? ' to confirm the failure' : ''
      const what = outcome === 'failed' ? failed : `was replayed${purpose}, and is ${outcome}`
      const where = places.size > 1 ? html` from ${location}` : undefined
      return {
        at: due,
        kind: outcome === 'failed' ? 'bad' : 'note',
        text: html`<b>${name}</b> ${what}${where}${version !== null && html`, on ${version}`}.`,
      }
    })
  })
}

function opening({ checks, openedAt }: IncidentDetails): TimelineEntry[] {
  return checks.map(({ name, openedAt: joinedAt }, index) => ({
    at: joinedAt,
    kind: 'bad',
    text:
      index === 0 || joinedAt.getTime() === openedAt.getTime()
        ? html`<b>${name}</b> is down${index === 0 && ': the incident is opened'}.`
        : html`<b>${name}</b> is down as well, and joins the incident.`,
  }))
}

/** Changes of state while a check is in the incident; its fall and its end are entries of their own. */
function changes({ checks, transitions }: IncidentDetails): TimelineEntry[] {
  return transitions.flatMap(({ check, at, kind, to }): TimelineEntry[] => {
    const member = checks.find(({ name }) => name === check)
    if (!member) return []
    const [isStart, isEnd] = [member.openedAt, member.closedAt].map(end => end?.getTime() === at.getTime())
    const name = html`<b>${check}</b>`
    if (kind === 'flapping')
      return [{ at, kind: 'bad', text: html`${name} is flapping: its state changes again and again.` }]
    if (kind === 'steady') return isEnd ? [] : [{ at, kind: 'note', text: html`${name} is steady again.` }]
    if (kind === 'closed') return isEnd ? [] : [{ at, kind: 'good', text: html`${name} is up again.` }]
    if (kind === 'opened') return isStart ? [] : [{ at, kind: 'bad', text: html`${name} is down again.` }]
    // Of "down" and "up" the entries above tell.
    if (to !== 'degraded' && to !== 'unknown') return []
    return [{ at, kind: 'note', text: html`${name} is ${to === 'unknown' ? 'unknown' : 'degraded'}.` }]
  })
}

function alerts({ messages }: IncidentDetails, { isOperator }: TimelineView): TimelineEntry[] {
  return messages.map(message => {
    const { createdAt, kind, channel } = message
    const error = isOperator && message.lastError !== null && html` <span class="error">${message.lastError}</span>`
    return {
      at: createdAt,
      kind: 'alert',
      text: html`${alertWords[kind]} to <b>${channel}</b>: ${deliveryText(message)}.`,
      ...(error && { more: error }),
    }
  })
}

const alertWords: Record<IncidentAlert['kind'], string> = {
  down: 'Alert',
  update: 'Update',
  flapping: 'Note of flapping',
  up: 'Recovery',
  acknowledged: 'Acknowledgement',
  reminder: 'Reminder',
  escalation: 'Escalation',
}

/** What has become of a message, without details that are not public. */
export function deliveryText({ createdAt, attempts, deliveredAt, deadAt, lastError, failure }: IncidentAlert): Html {
  const tried = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`
  if (deliveredAt !== null && lastError !== null) {
    return html`closed without being sent at ${time(deliveredAt)}${failure !== null && html`, since ${failure}`}`
  }
  if (deliveredAt !== null) {
    const took = durationText(Math.max(0, deliveredAt.getTime() - createdAt.getTime()))
    return html`delivered after ${took}${attempts > 1 && html` and ${tried}`}`
  }
  if (attempts === 0) return html`waiting to be sent`
  return html`<span class="bad">${deadAt === null ? 'not delivered' : 'given up'}</span> after ${tried}${failure !== null && html`, last: ${failure}`}`
}

/** What operators have done. Visitors see only that someone has acknowledged it. */
function acts(_incident: IncidentDetails, { isOperator, acknowledgement, actions }: TimelineView): TimelineEntry[] {
  if (!isOperator) {
    return acknowledgement
      ? [{ at: acknowledgement.at, kind: 'note', text: html`An operator has acknowledged it.` }]
      : []
  }
  return actions.flatMap(({ at, kind, operator, detail }): TimelineEntry[] => {
    const more = detail.text === undefined ? {} : { more: html`<span class="note">${detail.text}</span>` }
    const did = actionWords[kind]
    return did === undefined ? [] : [{ at, kind: 'note', text: html`<b>${operator}</b> ${did}`, ...more }]
  })
}

/** Of those about incidents. */
const actionWords: Partial<Record<Action['kind'], string>> = {
  acknowledge: 'has acknowledged it.',
  unacknowledge: 'has taken the acknowledgement back.',
  note: 'notes:',
}

function closing({ checks, transitions, closedAt, openedAt }: IncidentDetails): TimelineEntry[] {
  const left = checks.flatMap(({ name, closedAt: leftAt }): TimelineEntry[] => {
    if (leftAt === null) return []
    return [
      wasRemoved(name, leftAt, transitions)
        ? { at: leftAt, kind: 'note', text: html`<b>${name}</b> is not monitored any more, and leaves the incident.` }
        : { at: leftAt, kind: 'good', text: html`<b>${name}</b> is up again.` },
    ]
  })
  if (closedAt === null) return left
  const took = durationText(closedAt.getTime() - openedAt.getTime())
  return [...left, { at: closedAt, kind: 'good', text: html`The incident is closed, after ${took}.` }]
}

/** A check that is up, or steady, is so at the time when it leaves. */
export function wasRemoved(check: string, leftAt: Date, transitions: IncidentDetails['transitions']): boolean {
  const last = transitions.filter(other => other.check === check && other.at.getTime() === leftAt.getTime())
  return last.some(({ kind }) => kind === 'closed') && !last.some(({ kind }) => kind === 'steady' || kind === 'state')
}
