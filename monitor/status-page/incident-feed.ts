/** Renders the incidents as an Atom feed (RFC 4287), with what is public only. */
import { type Html, html } from '../../pages/html.ts'
import { visible } from '../../pages/text.ts'
import { incidentUrl, pageUrl } from '../incident-url.ts'
import type { IncidentSummary } from '../store/incident-history.ts'
import { utcText } from '../utc-text.ts'
import { firstNames } from './first-names.ts'
import { durationText } from './parts.ts'
import { versionText } from './version-change.ts'

export interface Feed {
  incidents: readonly IncidentSummary[]
  /** REPRISE_URL. */
  publicUrl: string | undefined
  /** When the database was made: what tells its incidents from those of others. */
  madeAt: Date
}

/** When the feed last changed. */
export function feedUpdatedAt({ incidents, madeAt }: Feed): Date {
  return new Date(Math.max(madeAt.getTime(), ...incidents.map(incident => changedAt(incident).getTime())))
}

/** When it was opened or closed, or when a check joined or left it, whatever was last. */
function changedAt({ openedAt, closedAt, checks }: IncidentSummary): Date {
  const times = [openedAt, closedAt, ...checks.flatMap(check => [check.openedAt, check.closedAt])]
  return new Date(Math.max(...times.map(time => time?.getTime() ?? 0)))
}

export function feedXml(feed: Feed): string {
  const { incidents, publicUrl } = feed
  return withoutControlCharacters(
    html`<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>${idOf(feed, 'incidents')}</id>
<title>Incidents</title>
<updated>${feedUpdatedAt(feed).toISOString()}</updated>
<author><name>Reprise</name></author>
<link rel="self" type="application/atom+xml" href="${linkTo(publicUrl, 'incidents.atom')}"/>
<link rel="alternate" type="text/html" href="${linkTo(publicUrl, 'incidents')}"/>
${incidents.map(incident => entry(incident, feed))}</feed>
`.text,
  )
}

/** XML cannot hold most of them, not even escaped; nor two characters and lone surrogates. */
const withoutControlCharacters = (text: string) => visible(text).replace(/[\ufffe\uffff\p{Surrogate}]/gu, '\ufffd')

function entry(incident: IncidentSummary, feed: Feed): Html {
  const { id, openedAt } = incident
  return html`<entry>
<id>${idOf(feed, `incidents/${id}`)}</id>
<title>${titleOf(incident)}</title>
<published>${openedAt.toISOString()}</published>
<updated>${changedAt(incident).toISOString()}</updated>
<link rel="alternate" type="text/html" href="${feed.publicUrl === undefined ? `/incidents/${id}` : incidentUrl(feed.publicUrl, id)}"/>
<content type="text">${contentOf(incident)}</content>
</entry>
`
}

function titleOf({ environment, closedAt, checks }: IncidentSummary): string {
  return `${closedAt === null ? 'Down' : 'Over'} in ${environment}: ${firstNames(checks)}`
}

function contentOf({ openedAt, closedAt, checks }: IncidentSummary): string {
  const [first] = checks
  const span =
    closedAt === null
      ? `Since ${utcText(openedAt)}.`
      : `From ${utcText(openedAt)} to ${utcText(closedAt)}, for ${durationText(closedAt.getTime() - openedAt.getTime())}.`
  return first ? `${span} ${versionText(first)}` : span
}

/** Stays the same as long as REPRISE_URL does; without it, as long as the database does. */
function idOf({ publicUrl, madeAt }: Feed, path: string): string {
  if (publicUrl !== undefined) return pageUrl(publicUrl, path)
  const day = madeAt.toISOString().slice(0, 10)
  return `tag:reprise.invalid,${day}:${madeAt.getTime()}/${path}`
}

/** Without REPRISE_URL, relative to the feed's own URL. */
const linkTo = (publicUrl: string | undefined, path: string) =>
  publicUrl === undefined ? `/${path}` : pageUrl(publicUrl, path)
