/** A message in words. */
import type { AlertedCheck, AlertMessage } from '../store/alerts.ts'
import { utcText } from '../utc-text.ts'
import type { TestMessage } from './notice.ts'

export interface MessageText {
  title: string
  /** One for each check. */
  lines: string[]
  /** What it belongs to. */
  footer: string[]
}

/** Of checks in one message; receivers take only so much. */
const most = 10

/** Of characters that tell why a check is not up. */
const mostOfReason = 160

export function messageText(message: AlertMessage | TestMessage): MessageText {
  if (message.kind === 'test') {
    const lines = ['Somebody tries out this channel. No service is affected, and nothing needs to be done.']
    return { title: 'Test message', lines, footer: [`Sent by Reprise, ${timeText(message.at)}`] }
  }
  const { incident, openedAt, at, kind, checks } = message
  const lines = checks.map(lineOf)
  const when = kind === 'up' ? `from ${timeText(openedAt)} to ${timeText(at)}` : `since ${timeText(openedAt)}`
  return { title: titleOf(message), lines: shortened(lines), footer: [`Incident ${incident}, ${when}`] }
}

function lineOf({ name, state, since, reason }: AlertedCheck): string {
  const line = `${name} is ${state} since ${timeText(since)}`
  if (reason === undefined) return line
  const [first = ''] = reason.split('\n')
  return `${line}: ${first.length > mostOfReason ? `${first.slice(0, mostOfReason)}…` : first}`
}

function titleOf({ kind, environment, checks }: AlertMessage): string {
  const namesOf = (among: AlertMessage['checks']) => shortened(among.map(({ name }) => name)).join(', ')
  if (kind === 'up') return `Up again in ${environment}: ${namesOf(checks)}`
  const failing = checks.filter(({ state }) => state !== 'up')
  const affected = failing.length > 0 ? failing : checks
  if (kind === 'flapping') return `Up and down again and again in ${environment}: ${namesOf(affected)}`
  const down = affected.filter(({ state }) => state === 'down')
  if (down.length > 0) return `Down in ${environment}: ${namesOf(down)}`
  return `Not well in ${environment}: ${namesOf(affected)}`
}

function shortened(texts: readonly string[]): string[] {
  return texts.length <= most ? [...texts] : [...texts.slice(0, most), `and ${texts.length - most} more`]
}

const timeText = (iso: string) => utcText(new Date(iso))
