/** Links of a message beside that to its incident: to the reports of failures, and to instructions. */
import { pageUrl } from '../incident-url.ts'
import type { FailureEvidence } from '../store/messages.ts'
import { isFailing, namesWithin } from './message-text.ts'
import type { Notice } from './notice.ts'

export interface Link {
  title: 'Report' | 'Runbook'
  /** Of the checks or subjects; shortened. */
  names: string
  url: string
}

/** In one message. With few and short URLs a message stays within the limits of the receivers. */
const [mostLinks, mostOfUrl, mostOfNames] = [5, 400, 60]

/** Without those of what is over. Each URL once: checks of one run have one report. */
export function linksOf(notice: Pick<Notice, 'message' | 'statusPage'>): Link[] {
  const { message, statusPage } = notice
  const found = new Map<string, { title: Link['title']; names: { name: string }[] }>()
  const add = (title: Link['title'], { name }: { name: string }, url: string | undefined) => {
    const href = url !== undefined && URL.canParse(url) ? new URL(url).href : undefined
    if (href === undefined || href.length > mostOfUrl || !/^https?:/.test(href)) return
    const link = found.get(href) ?? { title, names: [] }
    link.names.push({ name })
    found.set(href, link)
  }
  if ('checks' in message) {
    const failing = message.checks.filter(isFailing)
    for (const check of failing) add('Report', check, reportPage(check, statusPage))
    for (const check of failing) add('Runbook', check, check.runbook)
  } else if ('subjects' in message && message.phase !== 'ended') {
    for (const subject of message.subjects) add('Report', subject, reportPage(subject, statusPage))
    for (const subject of message.subjects) add('Runbook', subject, subject.runbook)
  }
  return [...found]
    .slice(0, mostLinks)
    .map(([url, { title, names }]) => ({ title, names: namesWithin(mostOfNames, names), url }))
}

/** The URL of the report of its run, for operators. */
export function reportPage({ run }: FailureEvidence, statusPage: string | undefined): string | undefined {
  return run === undefined || statusPage === undefined
    ? undefined
    : pageUrl(statusPage, `reports/${encodeURIComponent(run)}`)
}

/** For receivers that have no other form of a link. */
export const linkLine = ({ title, url }: Link) => `${title}: ${url}`

/** For buttons and lists. */
export const linkTitle = ({ title, names }: Link) => `${title} of ${names}`
