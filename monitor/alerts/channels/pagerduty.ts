/** PagerDuty's Events API v2: https://developer.pagerduty.com/docs/events-api-v2-overview. */
import { z } from 'zod'
import { settings, text } from '../../schema-parts.ts'
import { serviceUrl, urlBelow } from '../channel-url.ts'
import { httpChannel } from '../http-channel.ts'
import { linksOf, linkTitle } from '../links.ts'
import { messageText, namesWithin } from '../message-text.ts'
import {
  type Alert,
  alertsOf,
  endedAlertsOf,
  isTransient,
  keyWithin,
  linkOf,
  type Notice,
  type Urgency,
  urgencyOf,
} from '../notice.ts'
import type { ChannelRequest } from '../post.ts'
import { shortened } from '../shortened.ts'

export interface PagerDutyChannel {
  kind: 'pagerduty'
  /** Of an integration of the kind "Events API v2"; usually a `secret()`. */
  routingKey: string
  /** Of the Events API; default `https://events.pagerduty.com`. In the EU: `https://events.eu.pagerduty.com`. */
  url?: string
}

/** Triggers an alert of PagerDuty, and resolves it when the incident ends; what does not last is a change event. */
export function pagerduty(settings: Omit<PagerDutyChannel, 'kind'>): PagerDutyChannel {
  return { kind: 'pagerduty', ...settings }
}

export const pagerDutyKind = httpChannel<PagerDutyChannel>({
  kind: 'pagerduty',
  takesAcknowledgements: true,
  example: 'pagerduty({ routingKey })',
  schema: settings(
    {
      kind: z.literal('pagerduty'),
      routingKey: text('write the key of an integration, or secret("NAME") for one in the environment'),
      url: serviceUrl('https://events.pagerduty.com'),
    },
    ['kind', 'routingKey'],
  ),
  urlOf: ({ url = 'https://events.pagerduty.com' }) => urlBelow(url, '/v2/enqueue'),
  requestsOf: ({ routingKey }, notice) => eventsOf(routingKey, notice),
  credentials: ({ routingKey }) => [['routingKey', routingKey]],
})

const severities: Record<Urgency, string> = {
  failing: 'critical',
  doubtful: 'warning',
  recovered: 'info',
  information: 'info',
}

/** In characters. */
const mostOfSummary = 1024

function eventsOf(routingKey: string, notice: Notice): ChannelRequest[] {
  const { message } = notice
  const [page] = linkOf(notice)
  const urgency = urgencyOf(notice)
  const { title, lines, footer } = messageText(message, { title: mostOfSummary })
  const links = [
    ...(page ? [{ href: page, text: 'Status page' }] : []),
    ...linksOf(notice).map(link => ({ href: link.url, text: linkTitle(link) })),
  ]
  const about = {
    summary: title,
    source: ('environment' in message && message.environment) || 'monitor',
    timestamp: message.at,
    custom_details: { checks: lines, about: footer.join(' ') },
  }
  // What does not last would page for something that is over: it is in the timeline of the service.
  if (isTransient(notice)) {
    const body = JSON.stringify({ routing_key: routingKey, payload: about, ...(links.length > 0 && { links }) })
    return [{ path: 'change/enqueue', body }]
  }
  const event = ({ key, names }: Alert, action: 'trigger' | 'acknowledge' | 'resolve'): ChannelRequest => {
    const body = {
      routing_key: routingKey,
      event_action: action,
      // It accepts 255 characters.
      dedup_key: keyWithin(255, key),
      client: 'Reprise',
      ...(page && { client_url: page }),
      ...(links.length > 0 && { links }),
      payload: {
        ...about,
        severity: severities[urgency],
        component: shortened(
          namesWithin(
            255,
            names.map(name => ({ name })),
          ) || message.kind,
          255,
        ),
      },
    }
    return { body: JSON.stringify(body) }
  }
  const alerts = alertsOf(notice)
  const ended = endedAlertsOf(notice).map(alert => event(alert, 'resolve'))
  if (message.kind === 'acknowledged') return alerts.map(alert => event(alert, 'acknowledge'))
  if (urgency === 'recovered') return [...alerts.map(alert => event(alert, 'resolve')), ...ended]
  const opened = alerts.map(alert => event(alert, 'trigger'))
  return message.kind === 'test' ? [...opened, ...alerts.map(alert => event(alert, 'resolve'))] : [...opened, ...ended]
}
