import { expect } from '@playwright/test'
import { secret } from '../../environment/secrets/secret.ts'
import { type Channel, pagerduty, slack, webhook } from '../index.ts'
import type { AlertedCheck, CheckMessage } from '../store/messages.ts'
import { type Receiver, test } from '../testing/receiver-fixture.ts'
import { NotTaken } from './not-taken.ts'
import { sendNotice } from './send-notice.ts'

const message: CheckMessage = {
  kind: 'down',
  incident: 12,
  environment: 'production',
  openedAt: '2030-03-01T02:00:00+02:00',
  at: '2030-03-01T02:00:20+02:00',
  checks: [
    { name: 'orders', state: 'up', since: '2030-02-01T00:00:00+00:00' },
    { name: 'users', state: 'down', since: '2030-03-01T02:00:20+02:00', reason: 'a user is added: expected 201' },
  ],
}
const idempotencyKey = '7b0fa4a5-2a52-4f4e-9d3a-2c1f0a7f2f10'

const send = (
  channel: Channel,
  env: NodeJS.ProcessEnv = {},
  about: Parameters<typeof sendNotice>[1]['message'] = message,
) => sendNotice({ name: 'oncall', channel, env }, { message: about, idempotencyKey }, AbortSignal.timeout(5000))

const bodyOf = ({ received }: Receiver) => JSON.parse(received.at(-1)?.body ?? '')

test('a webhook gets the message as JSON, with its key, its own headers and a link', async ({ receiver }) => {
  const channel = webhook({ url: receiver.url, headers: { authorization: `Bearer ${secret('HOOK_TOKEN')}` } })
  const notice = { message, idempotencyKey, statusPage: 'https://status.example.com/' }
  await sendNotice({ name: 'oncall', channel, env: { HOOK_TOKEN: 'canary-4711' } }, notice, AbortSignal.timeout(5000))
  expect(receiver.received).toMatchObject([
    {
      method: 'POST',
      path: '/services/T0123/hush-hush-4711',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'idempotency-key': idempotencyKey,
        'webhook-id': idempotencyKey,
        authorization: 'Bearer canary-4711',
      },
    },
  ])
  expect(bodyOf(receiver)).toEqual({
    ...{ version: 1, idempotencyKey, ...message, statusPage: notice.statusPage },
    incidentPage: 'https://status.example.com/incidents/12',
  })
})

test('Slack gets a complete text, and the same in blocks', async ({ receiver }) => {
  await send(slack({ url: secret('SLACK_URL') }), { SLACK_URL: receiver.url })
  expect(bodyOf(receiver).text).toBe(
    [
      'Down in production: users',
      'orders is up since 2030-02-01 00:00:00 UTC',
      'users is down since 2030-03-01 00:00:20 UTC: a user is added: expected 201',
      'Incident 12, since 2030-03-01 00:00:00 UTC',
    ].join('\n'),
  )
  const users = 'users is down since 2030-03-01 00:00:20 UTC: a user is added: expected 201'
  expect(bodyOf(receiver).blocks).toMatchObject([
    { type: 'header', block_id: idempotencyKey, text: { type: 'plain_text', text: 'Down in production: users' } },
    { type: 'section', text: { type: 'plain_text', text: expect.stringMatching(`^orders is up .*\n${users}$`) } },
    { type: 'context', elements: [{ text: 'Incident 12, since 2030-03-01 00:00:00 UTC' }] },
  ])
})

test('a message links to its incident, and to the status page where there is none or several', async ({ receiver }) => {
  const users = { name: 'users', state: 'unknown', since: message.at, news: 'unknown' } as const
  const unknown = { kind: 'unknown', environment: 'production', at: message.at } as const
  const [page, incident] = ['https://status.example.com/of/us?a=1&b', 'https://status.example.com/of/us/incidents/12']
  for (const [about, slackLink, webhookLink] of [
    [message, incident, incident],
    [{ ...message, kind: 'up' }, incident, incident],
    [{ ...unknown, checks: [{ ...users, incident: 12 }] }, incident, incident],
    [{ ...unknown, checks: [users] }, page.replace('&', '&amp;'), undefined],
    [
      {
        ...unknown,
        checks: [
          { ...users, incident: 12 },
          { ...users, incident: 13 },
        ],
      },
      page.replace('&', '&amp;'),
      undefined,
    ],
    [{ kind: 'test', at: message.at }, page.replace('&', '&amp;'), undefined],
  ] as const) {
    const notice = { message: about as typeof message, idempotencyKey, statusPage: page }
    for (const channel of [slack({ url: receiver.url }), webhook({ url: receiver.url })]) {
      await sendNotice({ name: 'oncall', channel, env: {} }, notice, AbortSignal.timeout(5000))
    }
    const [toSlack, toWebhook] = receiver.received.slice(-2).map(({ body }) => JSON.parse(body))
    expect(toSlack.text.split('\n').at(-1)).toBe(slackLink)
    expect(toSlack.blocks.at(-1).elements[0].text.split('\n').at(-1)).toBe(slackLink)
    expect(toWebhook).toMatchObject({ statusPage: page })
    expect(toWebhook.incidentPage).toBe(webhookLink)
  }
})

test('recovery, flapping and checks that are not down each have a text', async ({ receiver }) => {
  const titleOf = async (change: Partial<CheckMessage>) => {
    await send(slack({ url: receiver.url }), {}, { ...message, ...change })
    return bodyOf(receiver).text.split('\n')
  }
  const up = message.checks.map(check => ({ ...check, state: 'up' as const }))
  const recovered = await titleOf({ kind: 'up', checks: up })
  expect(recovered[0]).toBe('Up again in production: orders, users')
  expect(recovered.at(-1)).toBe('Incident 12, from 2030-03-01 00:00:00 UTC to 2030-03-01 00:00:20 UTC')
  expect((await titleOf({ kind: 'flapping' }))[0]).toBe('Flapping in production: users')
  const degraded = [{ name: 'users', state: 'degraded' as const, since: message.at }]
  expect((await titleOf({ checks: degraded }))[0]).toBe('Not up in production: users')
  const [orders, users] = message.checks.map(check => ({ ...check }))
  const update = [{ ...orders, news: 'recovered' }, users, { ...users, name: 'search', news: 'fell' }]
  expect((await titleOf({ kind: 'update', checks: update as AlertedCheck[] }))[0]).toBe(
    'Also down in production: search; up again: orders; still down: users',
  )
})

test('unknown and removed checks each have a text', async ({ receiver }) => {
  const since = message.at
  const linesOf = async (kind: 'unknown' | 'known', ...checks: AlertedCheck[]) => {
    await send(slack({ url: receiver.url }), {}, { kind, environment: 'production', at: since, checks })
    return bodyOf(receiver).text.split('\n')
  }
  const users = { name: 'users', since, incident: 12 }
  expect(await linesOf('unknown', { ...users, state: 'unknown', reason: 'no network', news: 'unknown' })).toEqual([
    'Unknown in production: users',
    'users is unknown since 2030-03-01 00:00:20 UTC, in incident 12: no network',
    'No result by 2030-03-01 00:00:20 UTC',
  ])
  const gone = { name: 'orders', since, state: 'unknown', news: 'removed' } as const
  expect(await linesOf('known', { ...users, state: 'down', news: 'known' }, gone)).toEqual([
    'Known again in production: users; not monitored any more: orders',
    'users is down since 2030-03-01 00:00:20 UTC, in incident 12',
    'orders is not monitored any more',
    'Unknown until 2030-03-01 00:00:20 UTC',
  ])
})

test('with too many checks, those with news are shown', async ({ receiver }) => {
  const checks = Array.from({ length: 30 }, (_, index): AlertedCheck => {
    return { name: `c${index}`, state: 'down', since: message.at, ...(index > 25 && { news: 'fell' }) }
  })
  await send(slack({ url: receiver.url }), {}, { ...message, kind: 'update', checks })
  expect(bodyOf(receiver).text).toMatch(/^Also down in production: c26, c27, c28, c29; still down: c0, /)
  for (const name of ['c26', 'c29']) expect(bodyOf(receiver).text).toContain(`\n${name} is down since`)
})

test('an incident with many checks is shortened, and nothing in it is a mention', async ({ receiver }) => {
  const checks = Array.from({ length: 300 }, (_, index) => ({
    name: `c${index}`,
    state: 'down' as const,
    since: message.at,
    reason: 'x'.repeat(1000),
  }))
  await send(slack({ url: receiver.url }), {}, { ...message, environment: '<!channel>', checks })
  const { text, blocks } = bodyOf(receiver)
  expect(text).toContain('Down in &lt;!channel&gt;: c0, c1,')
  expect(text).toMatch(/ c99, c100, .* and \d+ more\n/)
  expect(blocks[0].text.text.length).toBeLessThanOrEqual(150)
  expect(blocks[1].text.text.length).toBeLessThanOrEqual(3000)
})

test('texts to Slack are not formatted, and cut only between characters and lines', async ({ receiver }) => {
  const reason = '&<*😀_`'.repeat(40)
  const checks = Array.from({ length: 30 }, (_, index): AlertedCheck => {
    return { name: `${index}-${'x'.repeat(90)}`, state: 'down', since: message.at, reason, news: 'fell' }
  })
  await send(slack({ url: receiver.url }), {}, { ...message, environment: '*<!here>*', checks })
  const { blocks } = bodyOf(receiver)
  const [header, ...sections] = blocks.slice(0, -1)
  for (const { text } of [header, ...sections]) expect(text.type).toBe('plain_text')
  for (const { text } of sections) expect(text.text.length).toBeLessThanOrEqual(3000)
  expect(header.text.text).toMatch(/^Down in \*<!here>\*: 0-x/)
  expect(header.text.text).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/)
  const lines = sections.flatMap(({ text }: { text: { text: string } }) => text.text.split('\n')).slice(1)
  expect(lines).toHaveLength(11)
  for (const line of lines) expect(line).toMatch(/^\d+-x{90} is down .*…$|^and 20 more$/)
})

test('characters that change how a text is shown are left out of titles and reasons', async ({ receiver }) => {
  const reason = 'expected \u202e4711\u2028next\u001b[31m 👩\u200d💻'
  const [users] = message.checks.slice(1)
  await send(slack({ url: receiver.url }), {}, {
    ...message,
    environment: 'pro\u202eduction',
    checks: [{ ...users, reason }],
  } as CheckMessage)
  const [title, line] = bodyOf(receiver).text.split('\n')
  expect(title).toBe('Down in pro duction: users')
  expect(line).toMatch(/: expected 4711 next \[31m 👩\u200d💻$/)
})

test('a redirect is not followed', async ({ receiver }) => {
  receiver.answers = [(_request, response) => void response.writeHead(307, { location: '/elsewhere' }).end()]
  await expect(send(webhook({ url: receiver.url }))).rejects.toThrow(
    'Channel oncall answered 307 Temporary Redirect, a redirect, which is not followed: configure the URL that it leads to.',
  )
  expect(receiver.received).toHaveLength(1)
})

test('the error of a refused message has channel, status and start of the response, and no secret', async ({
  receiver,
}) => {
  const env = { HOOK_TOKEN: 'canary-4711', HOOK_KEY: 'canary-key-4711' }
  const channel = webhook({
    url: `${receiver.url}?token=${secret('HOOK_TOKEN')}`,
    signingKey: secret('HOOK_KEY'),
    headers: { 'x-literal': 'canary-header' },
  })
  receiver.answers = [
    (request, response) => {
      const { headers, url } = request
      response
        .writeHead(404)
        .end(`Cannot POST ${url}\n\u001b[31m<${headers['x-literal']}> ${env.HOOK_KEY} ${'x'.repeat(1000)}`)
    },
  ]
  const error = await send(channel, env).catch((thrown: Error) => thrown)
  expect(error).toBeInstanceOf(NotTaken)
  const { message: text, cause } = error as Error
  expect(cause).toBeUndefined()
  expect(text).toMatch(
    /^Channel oncall answered 404 Not Found: Cannot POST \[[\w ]+\] \[31m<\[x-literal\]> \[HOOK_KEY\] x+…$/,
  )
  expect(text).not.toMatch(/canary|hush|T0123/)
  expect(text.length).toBeLessThan(300)
})

for (const [what, channel, sentence] of [
  ['a secret that is not set', slack({ url: secret('SLACK_URL') }), 'The secret SLACK_URL is not set'],
  ['an invalid URL', slack({ url: 'hush-hush' }), 'The URL of channel oncall cannot be used: write'],
  [
    'an invalid URL of a service',
    pagerduty({ routingKey: 'hush-hush', url: 'hush' }),
    'The URL of channel oncall cannot be used: write',
  ],
  ['a password in the URL', slack({ url: 'https://me:hush@x.example' }), 'The URL of channel oncall cannot be used'],
  [
    'a header that cannot be sent',
    webhook({ url: 'http://127.0.0.1:9', headers: { authorization: 'Bearer hush\nhush' } }),
    'The settings of channel oncall cannot be used: Headers',
  ],
  [
    'an invalid key',
    webhook({ url: 'http://127.0.0.1:9', signingKey: 'whsec_hush' }),
    'The settings of channel oncall cannot be used: its signingKey begins with whsec_, so base64',
  ],
] as const) {
  test(`${what} is an error of the configuration, and nothing is sent`, async () => {
    const error = await send(channel).catch((thrown: Error) => thrown)
    expect(error).not.toBeInstanceOf(NotTaken)
    expect((error as Error).message).toContain(sentence)
    expect((error as Error).message).not.toContain('hush')
  })
}
