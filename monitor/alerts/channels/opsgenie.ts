/** Opsgenie's Alert API: https://docs.opsgenie.com/docs/alert-api. */
import { z } from 'zod'
import { settings, text } from '../../schema-parts.ts'
import { serviceUrl, urlBelow } from '../channel-url.ts'
import { httpChannel } from '../http-channel.ts'
import { linkLine, linksOf } from '../links.ts'
import { messageText, namesWithin } from '../message-text.ts'
import {
  type Alert,
  alertsOf,
  endedAlertsOf,
  fallenIn,
  isTransient,
  keyWithin,
  linkOf,
  type Notice,
  type Urgency,
  urgencyOf,
} from '../notice.ts'
import type { ChannelRequest } from '../post.ts'
import { shortened } from '../shortened.ts'

export interface OpsgenieChannel {
  kind: 'opsgenie'
  /** Of an integration of the kind "API"; usually a `secret()`. */
  apiKey: string
  /** Of the API; default `https://api.opsgenie.com`. In the EU: `https://api.eu.opsgenie.com`. */
  url?: string
}

/** Creates an alert of Opsgenie, and closes it when the incident ends. */
export function opsgenie(settings: Omit<OpsgenieChannel, 'kind'>): OpsgenieChannel {
  return { kind: 'opsgenie', ...settings }
}

export const opsgenieKind = httpChannel<OpsgenieChannel>({
  kind: 'opsgenie',
  takesAcknowledgements: true,
  example: 'opsgenie({ apiKey })',
  schema: settings(
    {
      kind: z.literal('opsgenie'),
      apiKey: text('write the key of an API integration, or secret("NAME") for one in the environment'),
      url: serviceUrl('https://api.opsgenie.com'),
    },
    ['kind', 'apiKey'],
  ),
  urlOf: ({ url = 'https://api.opsgenie.com' }) => urlBelow(url, '/v2/alerts'),
  requestsOf: ({ apiKey }, notice) => requestsOf(apiKey, notice),
  credentials: ({ apiKey }) => [['apiKey', apiKey]],
})

const priorities: Record<Urgency, string> = { failing: 'P1', doubtful: 'P3', recovered: 'P5', information: 'P5' }

/** In characters. */
const [mostOfMessage, mostOfDescription] = [130, 15_000]

function requestsOf(apiKey: string, notice: Notice): ChannelRequest[] {
  const { message } = notice
  const urgency = urgencyOf(notice)
  const { title, lines, footer } = messageText(message)
  const headers = () => new Headers({ authorization: `GenieKey ${apiKey}` })
  const note = shortened(
    [...lines, ...footer, ...linksOf(notice).map(linkLine), ...linkOf(notice)].join('\n'),
    mostOfDescription,
  )
  const aliasOf = ({ key }: Alert) => keyWithin(512, key)
  // Relative to the URL of all alerts, which may have a path before it.
  const below = (alert: Alert, action: string) =>
    `alerts/${encodeURIComponent(aliasOf(alert))}/${action}?identifierType=alias`
  const close = (alert: Alert): ChannelRequest => ({
    path: below(alert, 'close'),
    headers: headers(),
    body: JSON.stringify({ source: 'Reprise', note }),
  })
  const acknowledge = (alert: Alert, user: string | undefined): ChannelRequest => ({
    path: below(alert, 'acknowledge'),
    headers: headers(),
    body: JSON.stringify({ source: 'Reprise', note, ...(user !== undefined && { user: shortened(user, 100) }) }),
  })
  const annotate = (alert: Alert): ChannelRequest => ({
    path: below(alert, 'notes'),
    headers: headers(),
    body: JSON.stringify({ source: 'Reprise', note: shortened(`${title}\n${note}`, mostOfDescription) }),
  })
  const create = (alert: Alert): ChannelRequest => ({
    headers: headers(),
    body: JSON.stringify({
      message: messageText(message, { title: mostOfMessage }).title,
      alias: aliasOf(alert),
      description: note,
      priority: priorities[urgency],
      source: 'Reprise',
      entity: shortened(
        namesWithin(
          512,
          alert.names.map(name => ({ name })),
        ) || message.kind,
        512,
      ),
      ...('environment' in message && { details: { environment: message.environment } }),
    }),
  })
  const requests = (alert: Alert): ChannelRequest[] => {
    // Without an end they would stay open.
    if (message.kind === 'test' || isTransient(notice)) return [create(alert), close(alert)]
    if (message.kind === 'acknowledged') return [acknowledge(alert, message.acknowledgedBy)]
    if (urgency === 'recovered') return [close(alert)]
    // An alert that is open only counts a repetition of its creation.
    if (message.kind === 'reminder') return [create(alert), annotate(alert)]
    if (message.kind === 'flapping' || message.kind === 'update') {
      return fallenIn(message).length > 0 ? [create(alert), annotate(alert)] : [annotate(alert)]
    }
    return [create(alert)]
  }
  return [...alertsOf(notice).flatMap(requests), ...endedAlertsOf(notice).map(close)]
}
