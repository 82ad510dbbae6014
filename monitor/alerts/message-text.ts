/** Formats a message as text. */
import type { AlertedCheck, AlertMessage, CheckMessage, News, SubjectMessage } from '../store/messages.ts'
import { utcText } from '../utc-text.ts'
import type { TestMessage } from './notice.ts'
import { shortened } from './shortened.ts'

export interface MessageText {
  title: string
  /** One line for each check. */
  lines: string[]
  /** The incident, and the time. */
  footer: string[]
}

/** Most lines about checks in one message; receivers limit its size. */
const most = 10

/** Most characters for the names in a title, where the receivers see what is down. */
const mostOfNames = 700

/** Most characters of a reason. */
const mostOfReason = 161

export function messageText(message: AlertMessage | TestMessage): MessageText {
  if (message.kind === 'test') {
    const lines = ['This is a test of the channel. No service is affected, and no action is needed.']
    return { title: 'Test message', lines, footer: [`Sent by Reprise, ${timeText(message.at)}`] }
  }
  if (message.kind === 'digest') {
    const lines = message.lines.map(inOneLine)
    return { title: 'Digest', lines, footer: [`From ${timeText(message.from)} to ${timeText(message.at)}`] }
  }
  if ('subjects' in message) return subjectText(message)
  const lines = inOrder(message.checks).map(lineOf)
  return { title: inOneLine(titleOf(message)), lines: withinMost(lines), footer: [footerOf(message)] }
}

const headings: Record<SubjectMessage['kind'], Record<SubjectMessage['phase'], string>> = {
  degraded: { began: 'Degraded', ended: 'No longer degraded', happened: 'Degraded' },
  leak: { began: 'Possible leak', ended: 'Leak removed', happened: 'Possible leak' },
  certificate: { began: 'Certificate', ended: 'Certificate renewed', happened: 'Certificate' },
  trouble: {
    began: 'Trouble of the monitor',
    ended: 'Trouble of the monitor is over',
    happened: 'Trouble of the monitor',
  },
}

function subjectText({ kind, phase, environment, at, subjects }: SubjectMessage): MessageText {
  const where = environment === undefined ? '' : ` in ${environment}`
  const title = inOneLine(`${headings[kind][phase]}${where}: ${namesWithin(mostOfNames, subjects)}`)
  const lines = subjects.map(({ name, text, since }) => {
    const when = phase === 'happened' ? '' : ` (since ${timeText(since)})`
    return `${inOneLine(name)}: ${shortened(inOneLine(text), mostOfReason)}${when}`
  })
  return { title, lines: withinMost(lines), footer: [timeText(at)] }
}

/** Without characters that break lines, or change how a text is shown; U+200D is a part of emoji. */
function inOneLine(text: string): string {
  return text.replace(/ ?(?:(?!\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}])+ ?/gu, ' ').trim()
}

/** If there are too many checks, those without news are left out first. */
function inOrder(checks: readonly AlertedCheck[]): AlertedCheck[] {
  if (checks.length <= most) return [...checks]
  return [...checks.filter(({ news }) => news !== undefined), ...checks.filter(({ news }) => news === undefined)]
}

function lineOf({ name, state, since, reason, news, incident }: AlertedCheck): string {
  if (news === 'removed') return `${name} is not monitored any more`
  const line = `${name} is ${state} since ${timeText(since)}${incident === undefined ? '' : `, in incident ${incident}`}`
  if (reason === undefined) return line
  const [first = ''] = reason.split('\n')
  return `${line}: ${shortened(inOneLine(first), mostOfReason)}`
}

function footerOf(message: CheckMessage): string {
  if (!('incident' in message)) {
    return `${message.kind === 'unknown' ? 'No result by' : 'Unknown until'} ${timeText(message.at)}`
  }
  const { kind, incident, openedAt, at } = message
  const when = kind === 'up' ? `from ${timeText(openedAt)} to ${timeText(at)}` : `since ${timeText(openedAt)}`
  return `Incident ${incident}, ${when}`
}

function titleOf({ kind, environment, checks }: CheckMessage): string {
  let left = mostOfNames
  const [first, ...rest] = partsOf(kind, checks)
    .filter(([, among]) => among.length > 0)
    .map(([what, among]): [string, string] => {
      const names = namesWithin(left, among)
      left -= names.length
      return [what, names]
    })
  const more = rest.map(([what, names]) => `; ${what.charAt(0).toLowerCase()}${what.slice(1)}: ${names}`)
  return first ? `${first[0]} in ${environment}: ${first[1]}${more.join('')}` : `Update of ${environment}`
}

type Part = [what: string, among: readonly AlertedCheck[]]

function partsOf(kind: CheckMessage['kind'], checks: readonly AlertedCheck[]): Part[] {
  const checksWith = (wanted: News) => checks.filter(({ news }) => news === wanted)
  const removed: Part = ['Not monitored any more', checksWith('removed')]
  const failing = checks.filter(({ state }) => state !== 'up')
  if (kind === 'up') return [['Up again', checks.filter(({ state }) => state === 'up')], removed]
  if (kind === 'known') return [['Known again', checksWith('known')], removed]
  if (kind === 'unknown') return [['Unknown', checks]]
  if (kind === 'flapping') {
    const turning = checksWith('flapping')
    return [['Flapping', turning.length > 0 ? turning : failing.length > 0 ? failing : checks]]
  }
  if (kind === 'update') {
    const others = failing.filter(({ news }) => news === undefined)
    return [
      ['Also down', checksWith('fell')],
      ['Up again', checksWith('recovered')],
      removed,
      ['Still down', others.filter(({ state }) => state === 'down')],
      ['Not up yet', others.filter(({ state }) => state !== 'down')],
    ]
  }
  const down = failing.filter(({ state, news }) => state === 'down' || news === 'fell')
  if (kind === 'acknowledged') return [['Acknowledged', down]]
  if (kind === 'reminder') return [['Still down', down]]
  if (kind === 'escalation') return [['Down, and not acknowledged', down]]
  return [down.length > 0 ? ['Down', down] : ['Not up', failing.length > 0 ? failing : checks]]
}

/** At least one name. */
function namesWithin(characters: number, checks: readonly { name: string }[]): string {
  const shown: string[] = []
  let left = characters
  for (const { name } of checks) {
    left -= name.length + 2
    if (left < 0 && shown.length > 0) break
    shown.push(name)
  }
  const more = checks.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}

function withinMost(texts: readonly string[]): string[] {
  return texts.length <= most ? [...texts] : [...texts.slice(0, most), `and ${texts.length - most} more`]
}

const timeText = (iso: string) => utcText(new Date(iso))
