/** What the receivers of each kind of channel get over HTTP. */
import { expect } from '@playwright/test'
import {
  apprise,
  type Channel,
  discord,
  ntfy,
  opsgenie,
  pagerduty,
  slack,
  teams,
  telegram,
  webhook,
} from '../../index.ts'
import type { AlertedCheck, CheckMessage } from '../../store/messages.ts'
import { type Receiver, type Responder, test } from '../../testing/receiver-fixture.ts'
import { NotTaken } from '../not-taken.ts'
import type { Notice } from '../notice.ts'
import { sendNotice } from '../send-notice.ts'

const down: CheckMessage = {
  kind: 'down',
  incident: 12,
  environment: 'production',
  openedAt: '2030-03-01T00:00:00+00:00',
  at: '2030-03-01T00:00:20+00:00',
  checks: [
    { name: 'orders', state: 'up', since: '2030-02-01T00:00:00+00:00' },
    { name: 'users', state: 'down', since: '2030-03-01T00:00:20+00:00', reason: 'expected 201', news: 'fell' },
  ],
}
const up: CheckMessage = {
  ...down,
  kind: 'up',
  at: '2030-03-01T00:09:00+00:00',
  checks: [{ name: 'users', state: 'up', since: '2030-03-01T00:09:00+00:00', news: 'recovered' }],
}
const unknown: CheckMessage = {
  kind: 'unknown',
  environment: 'production',
  at: down.at,
  checks: ['orders', 'users'].map(name => ({
    name,
    state: 'unknown' as const,
    since: down.at,
    news: 'unknown' as const,
  })),
}

const origin = (receiver: Receiver) => new URL(receiver.url).origin
const kinds: Record<string, (receiver: Receiver) => Channel> = {
  apprise: ({ url }) => apprise({ url, tag: 'oncall' }),
  discord: ({ url }) => discord({ url }),
  ntfy: receiver => ntfy({ topic: 'canary-topic-4711', token: 'tk_canary-4711', url: origin(receiver) }),
  opsgenie: receiver => opsgenie({ apiKey: 'canary-key-4711', url: origin(receiver) }),
  pagerduty: receiver => pagerduty({ routingKey: 'canary-key-4711', url: origin(receiver) }),
  slack: ({ url }) => slack({ url }),
  teams: ({ url }) => teams({ url }),
  telegram: receiver => telegram({ token: '1:canary-4711', chat: '@oncall', url: origin(receiver) }),
  webhook: ({ url }) => webhook({ url }),
}

const send = (
  channel: Channel,
  message: Notice['message'],
  statusPage = 'https://status.example.com/',
  accepted = new Set<string>(),
) =>
  sendNotice(
    { name: 'oncall', channel, env: {} },
    { message, idempotencyKey: '7b0fa4a5-2a52-4f4e-9d3a-2c1f0a7f2f10', statusPage },
    AbortSignal.timeout(30_000),
    accepted,
  )

const ok: Responder = (_request, response) => void response.writeHead(200).end()

/** Sends a message, and returns the requests that it made. */
async function received(receiver: Receiver, kind: string, message: Notice['message'], statusPage?: string) {
  receiver.received.length = 0
  const channel = kinds[kind]?.(receiver)
  if (!channel) throw new Error(`There is no kind ${kind}.`)
  if (kind === 'apprise') receiver.answers = [ok]
  await send(channel, message, statusPage)
  return receiver.received.map(({ body, ...request }) => ({ ...request, body: JSON.parse(body) }))
}

test('PagerDuty gets one alert for an incident, which its end resolves', async ({ receiver }) => {
  const [triggered, ...more] = await received(receiver, 'pagerduty', down)
  expect(more.map(({ body }) => body.event_action)).toEqual(['resolve', 'resolve'])
  expect(triggered).toMatchObject({
    path: '/v2/enqueue',
    body: {
      routing_key: 'canary-key-4711',
      event_action: 'trigger',
      links: [{ href: 'https://status.example.com/incidents/12', text: 'Status page' }],
      payload: { summary: 'Down in production: users', source: 'production', severity: 'critical', timestamp: down.at },
    },
  })
  // Postgres writes the same time in the time zone of the session.
  const [resolved] = await received(receiver, 'pagerduty', { ...up, openedAt: '2030-03-01T02:00:00+02:00' })
  expect(resolved?.body.event_action).toBe('resolve')
  expect(resolved?.body.dedup_key).toBe(triggered?.body.dedup_key)
  const [other] = await received(receiver, 'pagerduty', { ...down, incident: 13 })
  expect(other?.body.dedup_key).not.toBe(triggered?.body.dedup_key)
})

const checksOf = (message: CheckMessage, names: string[], news: AlertedCheck['news'], state: AlertedCheck['state']) =>
  ({ ...message, checks: names.map(name => ({ name, state, since: down.at, news })) }) as CheckMessage
const many = Array.from({ length: 30 }, (_, index) => `c${index}`)

/** The keys that PagerDuty, and Opsgenie, would have as open after the messages. */
async function openAfter(receiver: Receiver, ...messages: CheckMessage[]) {
  const open = new Set<string>()
  const aliases = new Set<string>()
  for (const message of messages) {
    for (const { body } of await received(receiver, 'pagerduty', message)) {
      if (body.event_action === 'trigger') open.add(body.dedup_key)
      else open.delete(body.dedup_key)
    }
    for (const { body, path = '' } of await received(receiver, 'opsgenie', message)) {
      if (body.alias) aliases.add(body.alias)
      else aliases.delete(decodeURIComponent(/([^/]+)\/close/.exec(path)?.[1] ?? ''))
    }
  }
  expect([...aliases]).toEqual([...open])
  return [...open]
}

test('checks whose state is unknown have an alert each at PagerDuty and Opsgenie, or one if they are many', async ({
  receiver,
}) => {
  const known = { ...unknown, kind: 'known' } as CheckMessage
  const open = await openAfter(receiver, unknown)
  expect(open).toEqual([expect.stringMatching(/-orders$/), expect.stringMatching(/-users$/)])
  expect(await openAfter(receiver, unknown, checksOf(known, ['users'], 'known', 'up'))).toEqual(open.slice(0, 1))
  const flood = checksOf(unknown, many, 'unknown', 'unknown')
  expect(await openAfter(receiver, flood)).toHaveLength(1)
  expect(await openAfter(receiver, flood, checksOf(known, many, 'known', 'up'))).toEqual([])
  const [elsewhere] = await received(receiver, 'pagerduty', unknown, 'https://status.example.org/')
  expect(open).not.toContain(elsewhere?.body.dedup_key)
})

test('an unknown check that falls, recovers or is removed has no alert as unknown any more', async ({ receiver }) => {
  const [incident] = await openAfter(receiver, down)
  expect(await openAfter(receiver, unknown, checksOf(down, ['orders', 'users'], 'fell', 'down'))).toEqual([incident])
  for (const news of ['recovered', 'removed'] as const) {
    expect(await openAfter(receiver, down, unknown, checksOf(up, ['orders', 'users'], news, 'up'))).toEqual([])
  }
  const fallen = checksOf(down, many, 'fell', 'down')
  expect(await openAfter(receiver, checksOf(unknown, many, 'unknown', 'unknown'), fallen)).toEqual([incident])
  receiver.received.length = 0
  await received(receiver, 'pagerduty', fallen)
  expect(receiver.received.length).toBeLessThan(5)
})

test('of several requests, those that were accepted are not sent again', async ({ receiver }) => {
  const accepted = new Set<string>()
  receiver.answers = [
    (_request, response) => void response.writeHead(202).end(),
    (_request, response) => void response.writeHead(429).end(),
  ]
  const channel = kinds.pagerduty?.(receiver)
  if (!channel) throw new Error('There is no PagerDuty.')
  await expect(send(channel, unknown, undefined, accepted)).rejects.toThrow('429')
  await send(channel, unknown, undefined, accepted)
  const keys = receiver.received.map(({ body }) => JSON.parse(body).dedup_key)
  expect(keys.map(key => key.split('-').at(-1))).toEqual(['orders', 'users', 'users'])
})

test('Opsgenie gets an alert with an alias, by which it is closed', async ({ receiver }) => {
  const [created] = await received(receiver, 'opsgenie', down)
  expect(created).toMatchObject({
    path: '/v2/alerts',
    headers: { authorization: 'GenieKey canary-key-4711' },
    body: { message: 'Down in production: users', priority: 'P1', entity: 'orders, users' },
  })
  const [closed] = await received(receiver, 'opsgenie', up)
  const alias = encodeURIComponent(created?.body.alias)
  expect(closed?.path).toBe(`/v2/alerts/${alias}/close?identifierType=alias`)
})

test('an update is a note of an Opsgenie alert that is open, and urgent only if a check fell', async ({ receiver }) => {
  const update = { ...down, kind: 'update' } as CheckMessage
  const requests = await received(receiver, 'opsgenie', update)
  const paths = requests.map(({ path = '' }) => path.replace(/alerts\/[^/]+\//, 'alerts/ALIAS/'))
  expect(paths.slice(0, 2)).toEqual(['/v2/alerts', '/v2/alerts/ALIAS/notes?identifierType=alias'])
  expect(requests[1]?.body.note).toMatch(/^Also down in production: users\n/)
  const better = checksOf(update, ['orders'], 'recovered', 'up')
  const [note] = await received(receiver, 'opsgenie', better)
  expect(note?.path).toMatch(/\/notes\?/)
  expect((await received(receiver, 'ntfy', better))[0]?.body.priority).toBe(4)
  expect((await received(receiver, 'ntfy', update))[0]?.body.priority).toBe(5)
})

test('requests are sent below the path of the URL of the service', async ({ receiver }) => {
  const url = `${origin(receiver)}/jsm/ops/integration`
  receiver.answers = Array.from({ length: 9 }, () => ok)
  await send(opsgenie({ apiKey: 'canary-key-4711', url }), { ...up, checks: [] })
  await send(pagerduty({ routingKey: 'canary-key-4711', url: `${url}/` }), { ...up, checks: [] })
  await send(telegram({ token: '1:canary-4711', chat: '@oncall', url }), up)
  expect(receiver.received.map(({ path = '' }) => path)).toEqual([
    expect.stringMatching(/^\/jsm\/ops\/integration\/v2\/alerts\/[^/]+\/close\?identifierType=alias$/),
    '/jsm/ops/integration/v2/enqueue',
    '/jsm/ops/integration/bot1:canary-4711/sendMessage',
  ])
})

test('a test message opens an alert and ends it', async ({ receiver }) => {
  const message = { kind: 'test' as const, at: down.at }
  const events = await received(receiver, 'pagerduty', message)
  expect(events.map(({ body }) => body.event_action)).toEqual(['trigger', 'resolve'])
  expect(new Set(events.map(({ body }) => body.dedup_key)).size).toBe(1)
  const [created, closed, ...more] = await received(receiver, 'opsgenie', message)
  expect(closed?.path).toBe(`/v2/alerts/${encodeURIComponent(created?.body.alias)}/close?identifierType=alias`)
  expect(more).toEqual([])
})

test('Teams gets an adaptive card without Markdown', async ({ receiver }) => {
  const [request] = await received(receiver, 'teams', { ...down, environment: '[click](https://evil.example)' })
  const { content, contentType } = request?.body.attachments[0] ?? {}
  expect(contentType).toBe('application/vnd.microsoft.card.adaptive')
  expect(content.body[0].inlines[0].text).toBe('Down in [click](https://evil.example): users')
  expect(new Set(content.body.map(({ type }: { type: string }) => type))).toEqual(new Set(['RichTextBlock']))
  expect(content.actions).toEqual([
    { type: 'Action.OpenUrl', title: 'Status page', url: 'https://status.example.com/incidents/12' },
  ])
})

test('Discord gets an embed in which nothing is a mention or a link', async ({ receiver }) => {
  const [request] = await received(receiver, 'discord', { ...down, environment: '@everyone [a](https://evil.example)' })
  expect(request?.body.allowed_mentions).toEqual({ parse: [] })
  const [embed] = request?.body.embeds ?? []
  expect(embed.title).toContain('\\@everyone \\[a\\]\\(https')
  expect(embed.footer.text).toContain('Incident 12')
})

test('Telegram gets a text in which only our link is live, and recoveries without a sound', async ({ receiver }) => {
  const [request] = await received(receiver, 'telegram', down)
  expect(request).toMatchObject({ path: '/bot1:canary-4711/sendMessage', body: { chat_id: '@oncall' } })
  expect(request?.body).toMatchObject({
    disable_notification: false,
    text: expect.stringMatching(/^Down in production/),
  })
  expect(request?.body.parse_mode).toBeUndefined()
  const [{ type, offset, length }] = request?.body.entities ?? []
  expect(type).toBe('pre')
  expect(request?.body.text.slice(offset, length)).toMatch(/^Down in production: users\n[\s\S]*: expected 201$/)
  expect(request?.body.text.slice(length)).toMatch(/^\nIncident 12, .*\nhttps:\/\/status\.example\.com\/incidents\/12$/)
  const [recovery] = await received(receiver, 'telegram', up)
  expect(recovery?.body.disable_notification).toBe(true)
})

test('ntfy gets a priority, and a link', async ({ receiver }) => {
  const [request] = await received(receiver, 'ntfy', down)
  expect(request).toMatchObject({
    path: '/',
    headers: { authorization: 'Bearer tk_canary-4711' },
    body: {
      topic: 'canary-topic-4711',
      title: 'Down in production: users',
      priority: 5,
      click: 'https://status.example.com/incidents/12',
    },
  })
  const [recovery] = await received(receiver, 'ntfy', up)
  expect(recovery?.body).toMatchObject({ priority: 3, tags: ['white_check_mark'] })
})

test('Apprise gets title, body and type', async ({ receiver }) => {
  const [request] = await received(receiver, 'apprise', down)
  expect(request?.body).toMatchObject({
    title: 'Down in production: users',
    type: 'failure',
    format: 'text',
    tag: 'oncall',
    body: expect.stringContaining('users is down since 2030-03-01 00:00:20 UTC: expected 201'),
  })
})

test('Apprise has no configuration below the key when it answers 204', async ({ receiver }) => {
  receiver.answers = [(_request, response) => void response.writeHead(204).end()]
  await expect(send(apprise({ url: receiver.url }), down)).rejects.toThrow('Channel oncall answered 204 No Content.')
})

/** The limits that the receivers document, by the place of the text. */
const limits: [kind: string, place: string[], most: number][] = [
  ['discord', ['embeds', '0', 'title'], 256],
  ['discord', ['embeds', '0', 'description'], 4096],
  ['ntfy', ['message'], 4096],
  ['opsgenie', ['message'], 130],
  ['opsgenie', ['alias'], 512],
  ['opsgenie', ['description'], 15_000],
  ['opsgenie', ['entity'], 512],
  ['pagerduty', ['dedup_key'], 255],
  ['pagerduty', ['payload', 'summary'], 1024],
  ['teams', [], 28_000],
  ['telegram', ['text'], 4096],
]

test('messages about 300 checks with long names and texts stay within the limits of the receivers', async ({
  receiver,
}) => {
  const checks = Array.from({ length: 300 }, (_, index) => ({
    ...{ name: `${index}-${'überlänge-'.repeat(9)}`, state: 'down' as const, since: down.at, news: 'fell' as const },
    reason: '😀'.repeat(500),
  }))
  for (const [kind, place, most] of limits) {
    const [request] = await received(receiver, kind, { ...down, environment: 'p'.repeat(100), checks })
    const value = place.reduce((value, key) => Reflect.get(Object(value), key), request?.body)
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    // ntfy counts bytes.
    expect(kind === 'ntfy' ? Buffer.byteLength(text) : text.length, `${kind} ${place}`).toBeLessThanOrEqual(most)
    expect(text, kind).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/)
  }
})

for (const [kind, channelTo] of Object.entries(kinds)) {
  test(`${kind}: a test message is sent, and a refusal has the wait that was asked for and no credential`, async ({
    receiver,
  }) => {
    const channel = channelTo(receiver)
    if (kind === 'apprise') receiver.answers = [ok]
    await send(channel, { kind: 'test', at: down.at })
    expect(receiver.received.at(-1)?.body).toMatch(/test/i)
    receiver.answers = [
      ({ url, headers }, response) => {
        response
          .writeHead(429, { 'retry-after': '90' })
          .end(`${url} ${headers.authorization} ${receiver.received.at(-1)?.body}`)
      },
    ]
    const error: unknown = await send(channel, down).catch(error => error)
    expect(error).toBeInstanceOf(NotTaken)
    expect(error).toMatchObject({ summary: 'answered 429', retryAfterMs: 90_000 })
    expect(String(error)).not.toMatch(/4711/)
  })
}

test('the wait is also read from the body, as Telegram and Discord write it', async ({ receiver }) => {
  receiver.answers = [
    (_request, response) => void response.writeHead(429).end('{"ok":false,"parameters":{"retry_after":7}}'),
  ]
  await expect(send(slack({ url: receiver.url }), down)).rejects.toMatchObject({ retryAfterMs: 7000 })
})

const refusals: [kind: string, body: string, retryAfterMs: number | undefined, isPermanent: boolean][] = [
  ['slack', '{"ok":false,"error":"channel_is_archived"}', undefined, false],
  ['slack', '{"ok":false,"error":"ratelimited"}', 0, false],
  ['telegram', '{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}', undefined, true],
  ['telegram', '{"ok":false,"error_code":429,"parameters":{"retry_after":5}}', 5000, false],
  ['telegram', '{"ok":false,"error_code":200}', undefined, false],
  ['teams', 'Webhook message delivery failed with error: Teams returned HTTP error 429 with ContextId 1', 0, false],
  [
    'teams',
    'Webhook message delivery failed with error: Teams returned HTTP error 413 with ContextId 1',
    undefined,
    true,
  ],
  ['teams', 'Webhook message delivery failed', undefined, false],
]

test('a refusal with the status 200 is not taken for an acceptance, where a service answers so', async ({
  receiver,
}) => {
  for (const [kind, body, retryAfterMs, isPermanent] of refusals) {
    receiver.answers = [(_request, response) => void response.writeHead(200).end(body)]
    const channel = kinds[kind]?.(receiver) as Channel
    const error: unknown = await send(channel, down).catch(error => error)
    expect(error, body).toBeInstanceOf(NotTaken)
    expect(error, body).toMatchObject({
      ...{ summary: 'answered 200 with a refusal', retryAfterMs, isPermanent },
      message: `Channel oncall answered 200 OK: ${body}`,
    })
  }
  for (const [kind, body] of [
    ['slack', 'ok'],
    ['slack', '{"ok":true}'],
    ['telegram', '{"ok":true,"result":{"text":"ok: false"}}'],
    ['telegram', '{"ok":false,"result'],
    ['teams', '1'],
    ['teams', ''],
    ['webhook', '{"ok":false}'],
  ] as const) {
    receiver.answers = [(_request, response) => void response.writeHead(200).end(body)]
    await send(kinds[kind]?.(receiver) as Channel, down)
  }
})
