/** Which alerts are open at PagerDuty and Opsgenie, after which messages. */
import { expect } from '@playwright/test'
import { opsgenie, pagerduty } from '../../index.ts'
import type { SubjectMessage } from '../../store/messages.ts'
import { test as base, type Receiver } from '../../testing/receiver-fixture.ts'
import type { Notice } from '../notice.ts'
import { sampleKinds, sampleMessages } from '../sample-messages.ts'
import { sendNotice } from '../send-notice.ts'

interface Service {
  send(...messages: Notice['message'][]): Promise<void>
  /** What was done, in order; without changes of an alert that is open. */
  events: string[]
  /** The keys of the alerts that are open, and those that are acknowledged. */
  open: Set<string>
  acknowledged: Set<string>
}

function serviceAt(receiver: Receiver, kind: 'pagerduty' | 'opsgenie'): Service {
  const url = new URL(receiver.url).origin
  const channel = kind === 'pagerduty' ? pagerduty({ routingKey: 'k', url }) : opsgenie({ apiKey: 'k', url })
  const service: Service = { open: new Set(), acknowledged: new Set(), events: [], send }
  async function send(...messages: Notice['message'][]) {
    for (const message of messages) {
      receiver.received.length = 0
      const notice = { message, idempotencyKey: 'key', statusPage: 'https://status.example.com/' }
      await sendNotice({ name: 'oncall', channel, env: {} }, notice, AbortSignal.timeout(20_000))
      for (const { path = '', body } of receiver.received) note(service, path, JSON.parse(body))
    }
  }
  return service
}

function note({ open, acknowledged, events }: Service, path: string, body: Record<string, string>): void {
  const [, alias = '', asked = ''] = /alerts\/([^/]+)\/(\w+)\?identifierType=alias$/.exec(path) ?? []
  const key = body.dedup_key ?? body.alias ?? decodeURIComponent(alias)
  const action = body.event_action ?? (path.endsWith('/v2/change/enqueue') ? 'change' : asked || 'create')
  if (/^(?:trigger|create)$/.test(action) && !open.has(key)) {
    open.add(key)
    events.push('opened')
  } else if (/^(?:resolve|close)$/.test(action)) {
    if (open.delete(key)) events.push('ended')
  } else if (/^acknowledge$/.test(action) && open.has(key)) {
    acknowledged.add(key)
    events.push('acknowledged')
  } else if (action === 'change') events.push('changed')
}

const test = base.extend<{ services: [pagerDuty: Service, opsgenie: Service] }>({
  services: async ({ receiver }, use) => use([serviceAt(receiver, 'pagerduty'), serviceAt(receiver, 'opsgenie')]),
})

const now = new Date('2030-03-01T08:00:00Z')

test('an acknowledgement acknowledges the alert of the incident, which its end ends, also at another time', async ({
  services,
}) => {
  for (const service of services) {
    await service.send(...sampleMessages('down', now), ...sampleMessages('reminder', now))
    const [alert] = service.open
    await service.send(...sampleMessages('acknowledged', now))
    expect([...service.acknowledged]).toEqual([alert])
    await service.send(...sampleMessages('up', new Date('2030-03-02T09:00:00Z')))
    expect(service.events).toEqual(['opened', 'acknowledged', 'ended'])
  }
})

test('after a sample of each kind, no alert is open', async ({ services }) => {
  for (const service of services) {
    for (const kind of sampleKinds) await service.send(...sampleMessages(kind, now))
    expect([...service.open]).toEqual([])
  }
  const [pagerDuty, opsgenie] = services
  // A digest, and trouble that does not last.
  expect(pagerDuty.events.slice(-2)).toEqual(['changed', 'changed'])
  expect(opsgenie.events.slice(-4)).toEqual(['opened', 'ended', 'opened', 'ended'])
})

test('each subject has an alert until it ends, and what happens meanwhile does not end it', async ({ services }) => {
  const message = (phase: SubjectMessage['phase'], ...names: string[]): SubjectMessage => ({
    ...{ kind: 'leak', phase, severity: 'warning', environment: 'production', at: now.toISOString() },
    subjects: names.map(name => ({ name, text: 'something is left', since: now.toISOString() })),
  })
  const many = Array.from({ length: 30 }, (_, index) => `c${index}`)
  for (const service of services) {
    await service.send(message('began', 'orders', 'users'))
    expect([...service.open].map(key => key.split('-').at(-1))).toEqual(['orders', 'users'])
    await service.send(message('happened', 'orders'), message('ended', 'users'))
    expect([...service.open].map(key => key.split('-').at(-1))).toEqual(['orders'])
    await service.send(message('ended', 'orders'), message('began', ...many))
    expect(service.open.size).toBe(1)
    await service.send(message('ended', ...many))
    expect(service.open.size).toBe(0)
    // Names that differ only after the longest key.
    const [a, b] = ['a', 'b'].map(end => `${'x'.repeat(600)}${end}`)
    await service.send(message('began', String(a), String(b)))
    expect(service.open.size).toBe(2)
    await service.send(message('ended', String(a)))
    expect(service.open.size).toBe(1)
  }
})
