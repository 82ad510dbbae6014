/** Formats a message as text. */
import type {
  AlertedCheck,
  AlertMessage,
  CheckMessage,
  FailureEvidence,
  News,
  SubjectMessage,
} from '../store/messages.ts'
import { utcText } from '../utc-text.ts'
import type { TestMessage } from './notice.ts'
import { shortened } from './shortened.ts'
import { type Measure, unitsOf, withinMost } from './within-most.ts'

export interface MessageText {
  title: string
  /** One line for each check; below it, indented, what else is known of its failure. */
  lines: string[]
  /** The incident, and the time. */
  footer: string[]
}

/** What a receiver accepts; it would refuse, or cut, what is longer. */
interface TextLimits {
  /** Of the title. */
  title?: number
  /** Of the lines, with the line breaks between them. */
  lines?: number
  /** What it counts; default: UTF-16 code units. */
  lengthOf?: Measure
}

/** Most checks, or sentences of a digest, in one message; receivers limit its size. */
const [most, mostSentences] = [10, 20]

/** Most characters for the names in a title, where the receivers see what is down. */
const mostOfNames = 700

/** Most characters of a name that is not one of the configuration, which are shorter; and where there is no room for that. */
const [mostOfName, fewestOfName] = [100, 20]

/** Most characters of a reason, of the versions in a line, and of a sentence of a digest. */
const [mostOfReason, mostOfVersion, mostOfSentence] = [161, 60, 300]

/** Leaves out names and lines for which there is no room, and says how many. */
export function messageText(message: AlertMessage | TestMessage, limits: TextLimits = {}): MessageText {
  const { title: mostOfTitle, lines: mostOfLines, lengthOf = unitsOf } = limits
  const { titleWith, blocks, total, footer } = partsOfText(message)
  const lines = withinMost(blocks, { total, most: mostOfLines, lengthOf }).flatMap(block => block.split('\n'))
  return { title: titleWithin(titleWith, mostOfTitle, lengthOf), lines, footer }
}

/** With fewer names, and shorter ones, until it fits. */
function titleWithin(titleWith: (room: number) => string, most = Number.POSITIVE_INFINITY, lengthOf: Measure): string {
  for (let room = mostOfNames; room > fewestOfName; room = Math.floor(room * 0.8)) {
    const title = titleWith(room)
    if (lengthOf(title) <= most) return title
  }
  return shortened(titleWith(fewestOfName), most, lengthOf)
}

interface TextParts {
  /** @param room Most characters of the names in it, but at least one name for each part. */
  titleWith(room: number): string
  /** The first checks, subjects or sentences, which may have several lines each. */
  blocks: string[]
  /** How many there are. */
  total: number
  footer: string[]
}

function partsOfText(message: AlertMessage | TestMessage): TextParts {
  if (message.kind === 'test') {
    const blocks = ['This is a test of the channel. No service is affected, and no action is needed.']
    return { titleWith: () => 'Test message', blocks, total: 1, footer: [`Sent by Reprise, ${timeText(message.at)}`] }
  }
  if (message.kind === 'digest') {
    const blocks = message.lines.slice(0, mostSentences).map(line => shortened(inOneLine(line), mostOfSentence))
    const footer = [`From ${timeText(message.from)} to ${timeText(message.at)}`]
    return { titleWith: () => 'Digest', blocks, total: message.lines.length, footer }
  }
  if ('subjects' in message) return subjectText(message)
  const first = inOrder(message.checks).slice(0, most)
  const blocks = first.map(check => [lineOf(check), ...detailsOf(check)].join('\n'))
  return {
    titleWith: room => titleOf(message, room),
    blocks,
    total: message.checks.length,
    footer: [footerOf(message)],
  }
}

const notMonitored = 'Not monitored any more'

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

function subjectText({ kind, phase, environment, at, subjects }: SubjectMessage): TextParts {
  const heading = subjects.every(({ removed }) => removed) ? notMonitored : headings[kind][phase]
  const titleWith = (room: number) => {
    const place = environment === undefined ? '' : ` in ${nameText(environment, room)}`
    return `${heading}${place}: ${namesWithin(room, subjects)}`
  }
  const blocks = subjects.slice(0, most).map(subject => {
    const { name, text, since, incident } = subject
    const line = `${nameText(name)}: ${shortened(inOneLine(text), mostOfReason)}`
    if (phase === 'happened') return line
    if (phase === 'ended') return `${line} (from ${timeText(since)} to ${timeText(at)})`
    const when = `since ${timeText(since)}${incident === undefined ? '' : `, in incident ${incident}`}`
    return [`${line} (${when})`, ...evidenceLines(subject, kind === 'leak' || kind === 'certificate')].join('\n')
  })
  return { titleWith, blocks, total: subjects.length, footer: [timeText(at)] }
}

/** Without characters that break lines, or change how a text is shown; U+200D is a part of emoji. */
function inOneLine(text: string): string {
  return text.replace(/ ?(?:(?!\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}])+ ?/gu, ' ').trim()
}

/** @param room Where there is less than for a usual name. */
const nameText = (name: string, room = mostOfName) =>
  shortened(inOneLine(name), Math.min(mostOfName, Math.max(fewestOfName, room)))

/** If there are too many checks, those without news are left out first. */
function inOrder(checks: readonly AlertedCheck[]): AlertedCheck[] {
  if (checks.length <= most) return [...checks]
  return [...checks.filter(({ news }) => news !== undefined), ...checks.filter(({ news }) => news === undefined)]
}

function lineOf(check: AlertedCheck): string {
  const { name, reason, news, incident, state } = check
  if (news === 'removed') return `${nameText(name)} is not monitored any more`
  const line = `${stateText(check)}${incident === undefined ? '' : `, in incident ${incident}`}`
  if (reason === undefined || !isFailing(check)) return line
  const [first = ''] = reason.split('\n')
  return `${line}${state === 'up' ? '; it failed last with' : ''}: ${shortened(inOneLine(first), mostOfReason)}`
}

/** A job that reports to the monitor has not failed: its report has, or did not come. */
function stateText({ name, state, since, source }: AlertedCheck): string {
  const from = `since ${timeText(since)}`
  if (source === 'heartbeat' && state === 'down') return `No successful report from ${nameText(name)} ${from}`
  if (source === 'heartbeat' && state === 'up') return `${nameText(name)} reports success ${from}`
  return `${nameText(name)} is ${state} ${from}`
}

/** Also one that goes up and down, while it is up. */
export function isFailing({ state, news }: AlertedCheck): boolean {
  return news === 'flapping' || (state !== 'up' && news !== 'removed')
}

function detailsOf(check: AlertedCheck): string[] {
  return isFailing(check) ? evidenceLines(check) : []
}

/**
 * What begins and ends a search for the cause.
 * @param isSeen The version is that of the service when it was seen, with which it need not have begun.
 */
function evidenceLines({ failingVersion, passedVersion, traceId }: FailureEvidence, isSeen = false): string[] {
  const versions = isSeen && failingVersion ? `seen on ${shortVersion(failingVersion)}` : undefined
  const parts = [
    versions ?? versionText(failingVersion, passedVersion),
    ...(traceId === undefined ? [] : [`trace ${traceId}`]),
  ]
  const line = parts.filter(part => part !== '').join('; ')
  return line === '' ? [] : [`  ${inOneLine(line)}`]
}

const shortVersion = (version: string) => shortened(inOneLine(version), mostOfVersion)

function versionText(failing: string | undefined, passed: string | undefined): string {
  const [red, green] = [failing, passed].map(version => version && shortVersion(version))
  if (red && failing === passed) return `same version before and after: ${red}`
  return [...(red ? [`first red on ${red}`] : []), ...(green ? [`last green on ${green}`] : [])].join(', ')
}

function footerOf(message: CheckMessage): string {
  if (!('incident' in message)) {
    return `${message.kind === 'unknown' ? 'No result by' : 'Unknown until'} ${timeText(message.at)}`
  }
  const { kind, incident, openedAt, at } = message
  const when = kind === 'up' ? `from ${timeText(openedAt)} to ${timeText(at)}` : `since ${timeText(openedAt)}`
  return `Incident ${incident}, ${when}`
}

function titleOf(message: CheckMessage, room: number): string {
  const { environment } = message
  let left = room
  const [first, ...rest] = partsOf(message, room)
    .filter(([, among]) => among.length > 0)
    .map(([what, among]): [string, string] => {
      const names = namesWithin(left, among)
      left -= names.length
      return [what, names]
    })
  const more = rest.map(([what, names]) => `; ${what.charAt(0).toLowerCase()}${what.slice(1)}: ${names}`)
  const place = nameText(environment, room)
  return first ? `${first[0]} in ${place}: ${first[1]}${more.join('')}` : `Update of ${place}`
}

type Part = [what: string, among: readonly AlertedCheck[]]

function partsOf(message: CheckMessage, room: number): Part[] {
  const { kind, checks } = message
  const checksWith = (wanted: News) => checks.filter(({ news }) => news === wanted)
  const removed: Part = [notMonitored, checksWith('removed')]
  const failing = checks.filter(({ state }) => state !== 'up')
  if (kind === 'up') {
    const up = checks.filter(({ state }) => state === 'up')
    return [...bySource(up, 'Up again', 'Successful report again'), removed]
  }
  if (kind === 'known') return [['Known again', checksWith('known')], removed]
  if (kind === 'unknown') return [['Unknown', checks]]
  if (kind === 'flapping') {
    const turning = checksWith('flapping')
    return [['Flapping', turning.length > 0 ? turning : failing.length > 0 ? failing : checks]]
  }
  if (kind === 'update') {
    const others = failing.filter(({ news }) => news === undefined)
    return [
      ...bySource(checksWith('fell'), 'Also down', 'Also without a successful report'),
      ...bySource(checksWith('recovered'), 'Up again', 'Successful report again'),
      removed,
      ...bySource(others.filter(isDown), 'Still down', 'Still without a successful report'),
      ['Not up yet', others.filter(check => !isDown(check))],
    ]
  }
  const fallen = failing.filter(check => isDown(check) || check.news === 'fell')
  if (fallen.length === 0 && kind === 'down') return [['Not up', failing.length > 0 ? failing : checks]]
  const down = fallen.length > 0 ? fallen : checks
  switch (kind) {
    case 'acknowledged':
      return [[`Acknowledged${message.acknowledgedBy ? ` by ${nameText(message.acknowledgedBy, room)}` : ''}`, down]]
    case 'reminder':
      return bySource(down, 'Still down', 'Still no successful report')
    case 'escalation':
      return bySource(down, 'Down, and not acknowledged', 'No successful report, and not acknowledged')
    case 'down':
      return bySource(down, 'Down', 'No successful report')
  }
}

const isDown = ({ state }: AlertedCheck) => state === 'down'

/** Services are down; of jobs, no successful report has come. */
function bySource(checks: readonly AlertedCheck[], service: string, job: string): Part[] {
  return [
    [service, checks.filter(({ source }) => source !== 'heartbeat')],
    [job, checks.filter(({ source }) => source === 'heartbeat')],
  ]
}

/** At least one name, which is shortened if there is little room. */
export function namesWithin(characters: number, checks: readonly { name: string }[]): string {
  const shown: string[] = []
  let left = characters
  for (const check of checks) {
    const name = nameText(check.name, characters)
    left -= name.length + 2
    if (left < 0 && shown.length > 0) break
    shown.push(name)
  }
  const more = checks.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}

const timeText = (iso: string) => utcText(new Date(iso))
