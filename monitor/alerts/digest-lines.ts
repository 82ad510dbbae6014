/** Words the sentences of a digest. */
import { durationText } from '../duration-text.ts'
import type { CheckUptime, DigestFigures } from '../store/digest-figures.ts'
import type { Uptime } from '../store/uptime.ts'
import { uptimeShare } from '../uptime-text.ts'
import { shortened } from './shortened.ts'

/** Most checks, specs and certificates that a sentence names, and most characters of a title. */
const [most, mostOfTitle] = [3, 80]

export function digestLines({ checks, incidents, flaky, leaks, certificates }: DigestFigures): string[] {
  return [
    ...environmentLines(checks),
    ...listLine('Lowest uptime', lowest(checks), check => `${check.name} ${uptimeShare(check)}`),
    incidentLine(incidents),
    ...listLine('Flaky', flaky, ({ check, title, times }) => {
      return `"${shortened(title, mostOfTitle)}" of ${check} (${counted(times, 'time')})`
    }),
    ...leakLines(leaks),
    ...listLine('Certificates', certificates, ({ name, text }) => (text === null ? name : `${name} (${text})`)),
    unwatchedLine(checks),
  ]
}

function environmentLines(checks: readonly CheckUptime[]): string[] {
  if (checks.length === 0) return ['No slots were due.']
  return [...new Set(checks.map(({ environment }) => environment))].map(name => {
    const total = sum(checks.filter(({ environment }) => environment === name))
    const share = uptimeShare(total)
    const replays = counted(total.up + total.down, 'replay')
    return share === undefined ? `Uptime in ${name}: not known.` : `Uptime in ${name}: ${share} of ${replays}.`
  })
}

/** Without those that never failed. */
function lowest(checks: readonly CheckUptime[]): CheckUptime[] {
  const share = ({ up, down }: Uptime) => up / (up + down)
  return checks.filter(({ down }) => down > 0).sort((a, b) => share(a) - share(b))
}

function incidentLine(incidents: DigestFigures['incidents']): string {
  const [longest] = incidents
  if (!longest) return 'No incidents.'
  const open = incidents.filter(({ isOpen }) => isOpen).length
  const which = `incident ${longest.id} (${firstOf(longest.checks)})`
  const how = `${incidents.length > 1 ? 'the longest ' : ''}for ${durationText(longest.durationMs)}: ${which}`
  const still = incidents.length === 1 ? ' It is not over.' : ` ${open} of them ${open === 1 ? 'is' : 'are'} not over.`
  return `${counted(incidents.length, 'incident')}, ${how}.${open > 0 ? still : ''}`
}

function leakLines(leaks: DigestFigures['leaks']): string[] {
  return [...new Set(leaks.map(({ environment }) => environment))].sort().flatMap(name => {
    const ofIt = leaks.filter(({ environment }) => environment === name)
    const [left, unknown] = [total(ofIt, leak => leak.left), total(ofIt, leak => leak.unknown)]
    const parts = [
      ...(left > 0 ? [`${counted(left, 'thing')} left`] : []),
      ...(unknown > 0 ? [`${counted(unknown, 'request')} of which it is not known`] : []),
    ]
    return parts.length === 0 ? [] : [`Possible leaks in ${name}: ${parts.join(', ')}.`]
  })
}

function unwatchedLine(checks: readonly CheckUptime[]): string {
  const { up, down, unwatched } = sum(checks)
  if (unwatched === 0) return 'Every slot had a result.'
  const slots = counted(up + down + unwatched, 'slot')
  const blind = checks.filter(check => check.unwatched > 0).sort((a, b) => b.unwatched - a.unwatched)
  const names = firstOf(blind.map(check => `${check.name} ${check.unwatched}`))
  return `Unwatched: ${unwatched} of ${slots} had no result (${names}).`
}

function listLine<T>(what: string, entries: readonly T[], text: (entry: T) => string): string[] {
  return entries.length === 0 ? [] : [`${what}: ${firstOf(entries.map(text))}.`]
}

function firstOf(texts: readonly string[]): string {
  const more = texts.length - most
  return [...texts.slice(0, most), ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

function sum(checks: readonly Uptime[]): Uptime {
  return {
    up: total(checks, ({ up }) => up),
    down: total(checks, ({ down }) => down),
    unwatched: total(checks, ({ unwatched }) => unwatched),
  }
}

const total = <T>(entries: readonly T[], count: (entry: T) => number) =>
  entries.reduce((sum, entry) => sum + count(entry), 0)
