/** PagerDuty's Events API v2: https://developer.pagerduty.com/docs/events-api-v2-overview. */
import { z } from 'zod'
import { settings, text } from '../../schema-parts.ts'
import { serviceUrl, urlBelow } from '../channel-url.ts'
import { httpChannel } from '../http-channel.ts'
import { messageText } from '../message-text.ts'
import { type Alert, alertsOf, endedAlertsOf, linkOf, type Notice, type Urgency, urgencyOf } from '../notice.ts'
import type { ChannelRequest } from '../post.ts'
import { shortened } from '../shortened.ts'

export interface PagerDutyChannel {
  kind: 'pagerduty'
  /** Of an integration of the kind "Events API v2"; usually a `secret()`. */
  routingKey: string
  /** Of the Events API; default `https://events.pagerduty.com`. In the EU: `https://events.eu.pagerduty.com`. */
  url?: string
}

/** Triggers an alert of PagerDuty, and resolves it when the incident ends. */
export function pagerduty(settings: Omit<PagerDutyChannel, 'kind'>): PagerDutyChannel {
  return { kind: 'pagerduty', ...settings }
}

export const pagerDutyKind = httpChannel<PagerDutyChannel>({
  kind: 'pagerduty',
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

function eventsOf(routingKey: string, notice: Notice): ChannelRequest[] {
  const { message } = notice
  const [link] = linkOf(notice)
  const urgency = urgencyOf(notice)
  const { title, lines, footer } = messageText(message)
  const environment = 'environment' in message ? message.environment : message.kind
  const event = ({ key, names }: Alert, action: 'trigger' | 'resolve'): ChannelRequest => {
    const body = {
      routing_key: routingKey,
      event_action: action,
      // It accepts 255 characters.
      dedup_key: shortened(key, 255),
      client: 'Reprise',
      ...(link && { client_url: link, links: [{ href: link, text: 'Status page' }] }),
      payload: {
        summary: shortened(title, 1024),
        source: environment,
        severity: severities[urgency],
        timestamp: message.at,
        component: shortened(names.join(', ') || 'test', 255),
        custom_details: { checks: lines, about: footer.join(' ') },
      },
    }
    return { body: JSON.stringify(body) }
  }
  const alerts = alertsOf(notice)
  const ended = message.kind === 'test' || urgency === 'recovered' ? alerts : []
  return [
    ...(urgency === 'recovered' ? [] : alerts).map(alert => event(alert, 'trigger')),
    ...[...ended, ...endedAlertsOf(notice)].map(alert => event(alert, 'resolve')),
  ]
}
