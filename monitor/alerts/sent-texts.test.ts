/** What receivers of each kind are sent: all that a message has, and no text that deceives people or breaks the receiver. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { mergeTests } from '@playwright/test'
import {
  apprise,
  type Channel,
  custom,
  discord,
  email,
  exec,
  ntfy,
  opsgenie,
  pagerduty,
  slack,
  teams,
  telegram,
  webhook,
} from '../index.ts'
import { test as mailboxTest } from '../testing/mailbox-fixture.ts'
import { type Receiver, type Responder, test as receiverTest } from '../testing/receiver-fixture.ts'
import type { Notice } from './notice.ts'
import { sampleKinds, sampleMessages } from './sample-messages.ts'
import { sendNotice } from './send-notice.ts'

const test = mergeTests(receiverTest, mailboxTest)

const hostile = [
  '<script>alert(1)</script>',
  'one\nBcc: eve@evil.example\r\n\r\ntwo\u2028three\u0000\u001b[31m',
  '\u202egnp.exe\u200f\u2066\u200b\ufeff',
  '<!channel> <@U024BE7LH> <https://evil.example|click> @channel @all',
  '@everyone <@&1> [click](https://evil.example) **bold** __it__ ~~no~~ `code` ||spoiler|| # title > quote',
  '</pre><a href="tg://user?id=1">@eve</a> *bold* _it_ &lt;b&gt; &amp;',
  '[x](javascript:alert(1)) ![i](https://evil.example/i.png) {{DATE()}}',
  '<img src=x onerror=alert(1)>&nbsp;<a href=https://evil.example>x</a>',
  'half \ud83d a \ude00 character \ud83d',
  '😀'.repeat(5000),
]

/** Fields of a check with texts of specs and of the service. */
const fields = new Set(['reason', 'failingVersion', 'passedVersion'])

/** The messages of each kind, with a check, a subject or a sentence for each of these texts. */
const messagesWith = (texts: readonly string[]): Notice['message'][] => {
  const spoilt = (key: string, value: unknown): unknown => {
    if (key === 'lines') return texts
    // Names of subjects are those of hosts and parts; names of checks are in the configuration.
    if (key === 'subjects') return texts.map(text => ({ ...(value as object[])[0], name: text, text }))
    if (key === 'checks') return texts.map(text => withTexts((value as object[])[0], text))
    return key === 'acknowledgedBy' ? texts[0] : value
  }
  const samples = sampleKinds.flatMap(kind => sampleMessages(kind, new Date('2030-03-01T08:00:00Z')))
  return samples.map(sample => JSON.parse(JSON.stringify(sample, spoilt)))
}

const withTexts = (check: object = {}, text: string) =>
  Object.fromEntries(Object.entries(check).map(([key, value]) => [key, fields.has(key) ? text : value]))

const origin = ({ url }: Receiver) => new URL(url).origin

/** Each with the texts in the body that are shown, after what makes them harmless was undone. */
const receivers: Record<string, { channel(receiver: Receiver): Channel; check(body: Body): void; most: number }> = {
  slack: {
    channel: ({ url }) => slack({ url }),
    most: 50_000,
    check: ({ text, blocks }) => {
      const context = blocks.at(-1)
      for (const shown of [text, ...context.elements.map(({ text }: Body) => text)]) {
        assert.doesNotMatch(shown, /[<>]|&(?!(?:amp|lt|gt);)|@(?:channel|all|everyone|here)/)
      }
      for (const { text } of blocks.slice(0, -1)) assert.equal(text.type, 'plain_text')
      for (const { text } of blocks.slice(1, -1)) assert(text.text.length <= 3000)
      assert(blocks[0].text.text.length <= 150)
    },
  },
  discord: {
    channel: ({ url }) => discord({ url }),
    most: 20_000,
    check: ({ embeds: [embed], allowed_mentions, content }) => {
      assert.deepEqual([allowed_mentions, content], [{ parse: [] }, undefined])
      const names = embed.fields.map(({ name }: Body) => name)
      for (const shown of [embed.title, embed.description, ...names]) {
        assert.doesNotMatch(shown.replace(/\\[\p{P}\p{S}]/gu, ''), /[*_~`|>#[\]()<@]|:\/\//)
      }
      const total = [
        embed.title,
        embed.description,
        embed.footer.text,
        ...names,
        ...embed.fields.map(({ value }: Body) => value),
      ]
      assert(total.join('').length <= 6000)
      assert.doesNotMatch(embed.footer.text, /evil|alert|bold/)
    },
  },
  telegram: {
    channel: receiver => telegram({ token: '1:x', chat: '@oncall', url: origin(receiver) }),
    most: 20_000,
    check: ({ text, entities: [{ type, offset, length }], parse_mode }) => {
      assert.deepEqual([type, parse_mode], ['pre', undefined])
      assert.doesNotMatch(text.slice(offset + length), /evil|alert|bold|@|click|😀/)
      assert(text.length <= 4096)
    },
  },
  teams: {
    channel: ({ url }) => teams({ url }),
    most: 28_000,
    check: ({ attachments: [{ content }] }) => {
      assert.deepEqual(new Set(content.body.map(({ type }: Body) => type)), new Set(['RichTextBlock']))
      assert(content.actions.length <= 6)
    },
  },
  ntfy: {
    channel: receiver => ntfy({ topic: 't', url: origin(receiver) }),
    most: 20_000,
    check: ({ message, markdown, actions }) => {
      assert(Buffer.byteLength(message) <= 4096)
      assert.deepEqual([markdown, actions.length > 3], [undefined, false])
    },
  },
  apprise: {
    channel: ({ url }) => apprise({ url }),
    most: 30_000,
    check: ({ format }) => assert.equal(format, 'text'),
  },
  pagerduty: {
    channel: receiver => pagerduty({ routingKey: 'k', url: origin(receiver) }),
    most: 50_000,
    check: ({ payload, dedup_key = '' }) => {
      assert(payload.summary.length <= 1024)
      assert(dedup_key.length <= 255)
    },
  },
  opsgenie: {
    channel: receiver => opsgenie({ apiKey: 'k', url: origin(receiver) }),
    most: 50_000,
    check: ({ message = '', alias = '', description = '', entity = '', note = '' }) => {
      for (const [text, most] of [
        [message, 130],
        [alias, 512],
        [description, 15_000],
        [entity, 512],
        [note, 25_000],
      ]) {
        assert(text.length <= most)
      }
    },
  },
}

// biome-ignore lint/suspicious/noExplicitAny: the bodies of eight services.
type Body = any

const ok: Responder = (_request, response) => void response.writeHead(200).end()

for (const [kind, { channel, check, most }] of Object.entries(receivers)) {
  test(`${kind}: no text of a message is markup, a mention, a line of its own, or too long`, async ({ receiver }) => {
    const recipient = { name: 'oncall', channel: channel(receiver), env: {} }
    // Alone, a long text is cut at other places.
    for (const message of [...messagesWith(hostile), ...messagesWith(hostile.slice(-1))]) {
      receiver.received.length = 0
      receiver.answers = Array.from({ length: 30 }, () => ok)
      const notice = { message, idempotencyKey: 'key', statusPage: 'https://status.example.com/' }
      await sendNotice(recipient, notice, AbortSignal.timeout(20_000))
      assert(receiver.received.length > 0)
      for (const { body } of receiver.received) {
        assert(body.length <= most, `${message.kind} has ${body.length} characters`)
        const parsed: Body = JSON.parse(body)
        for (const shown of textsIn(parsed)) {
          assert.doesNotMatch(shown, /(?![\n\u200b\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\p{Cs}/u)
          assert.doesNotMatch(shown, /^(?:Bcc|two)/m)
        }
        check(parsed)
      }
    }
  })
}

for (const [kind, { channel }] of Object.entries(receivers)) {
  test(`${kind}: what has fallen is sent with the failing step, the versions, the trace, the report and the runbook`, async ({
    receiver,
  }) => {
    receiver.answers = Array.from({ length: 30 }, () => ok)
    const recipient = { name: 'oncall', channel: channel(receiver), env: {} }
    const [message] = sampleMessages('down', new Date('2030-03-01T08:00:00Z'))
    assert(message)
    const notice = { message, idempotencyKey: 'key', statusPage: 'https://status.example.com/' }
    await sendNotice(recipient, notice, AbortSignal.timeout(20_000))
    const shown = receiver.received.flatMap(({ body }) => textsIn(JSON.parse(body))).join('\n')
    // Discord's signs of markup are escaped.
    const text = shown.replace(/\\([\p{P}\p{S}])/gu, '$1')
    for (const part of [
      'a user is added › is found again',
      'first red on 2.37.0, last green on 2.36.1',
      'trace 4bf92f3577b34da6a3ce929d0e0e4736',
      'https://status.example.com/reports/20300301T000000Z-sample',
      'https://example.com/runbooks/users',
    ]) {
      assert(text.includes(part), `${part} in ${text}`)
    }
  })
}

const send = (channel: Channel, message: Notice['message']) =>
  sendNotice(
    { name: 'oncall', channel, env: {} },
    { message, idempotencyKey: 'key', statusPage: 'https://status.example.com/' },
    AbortSignal.timeout(20_000),
  )

test('email: no text of a message is a header, a line of its own, HTML, or too long a line', async ({ mailbox }) => {
  const port = await mailbox.listen({ disabledCommands: ['STARTTLS'] })
  const [from, to] = ['Monitor <monitor@example.com>', 'oncall@example.com']
  const channel = email({ server: `smtp://127.0.0.1:${port}`, allowPlainText: true, from, to })
  // The title of a message about subjects has their names, and its key is in the mail as well.
  const alone = hostile.map(text => messagesWith([text]).find(({ kind }) => kind === 'leak') ?? [])
  const messages = [...messagesWith(hostile), ...alone.flat()]
  for (const message of messages) await send(channel, message)
  assert.equal(mailbox.mails.length, messages.length)
  const headers = new Set(mailbox.mails.flatMap(({ headerLines }) => headerLines.map(({ key }) => key)))
  const usual = [
    'from',
    'to',
    'subject',
    'message-id',
    'date',
    'mime-version',
    'content-type',
    'content-transfer-encoding',
  ]
  const own = ['auto-submitted', 'x-auto-response-suppress', 'references', 'in-reply-to']
  const priority = ['x-priority', 'x-msmail-priority', 'importance']
  assert.deepEqual([...headers].sort(), [...usual, ...own, ...priority].sort())
  for (const { subject = '', text = '', html, attachments, to: receivers } of mailbox.mails) {
    assert.deepEqual([html, attachments, [receivers].flat().map(each => each?.text)], [false, [], [to]])
    assert.doesNotMatch(subject, /(?!\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
    assert.doesNotMatch(text, /(?![\n\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
    assert.doesNotMatch(text, /^(?:Bcc|two|\[31m)/m)
    assert(subject !== '' && subject.length < 1000)
  }
  for (const source of mailbox.sources) {
    assert(
      source
        .toString('latin1')
        .split('\r\n')
        .every(line => line.length <= 998 && /^[\x20-\x7e\t]*$/.test(line)),
    )
  }
})

/** What a strict receiver takes: valid UTF-8, and JSON whose texts have neither NUL nor half a character. */
function strictlyParsed(bytes: Uint8Array): Body {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  assert.doesNotMatch(text, /\\u0000|\\ud[89a-f]/i)
  return JSON.parse(text)
}

const readable = (text: string) => text.replace(/\p{Cs}|\0/gu, '\ufffd')

const isReadable = (text: string) => !/\p{Cs}|\0/u.test(text)

test('webhook: the JSON has the texts as they are, but no NUL and no half of a character', async ({ receiver }) => {
  for (const message of messagesWith(hostile)) {
    await send(webhook({ url: receiver.url }), message)
    const body = strictlyParsed(Buffer.from(receiver.received.at(-1)?.body ?? ''))
    if (message.kind === 'digest') assert.deepEqual(body.lines, hostile.map(readable))
    assert.equal(body.kind, message.kind)
  }
})

test('exec: the standard input is one line of JSON, whatever the texts', async ({}, info) => {
  const file = info.outputPath('event.json')
  const [message] = messagesWith(hostile).filter(({ kind }) => kind === 'down')
  assert(message && 'checks' in message)
  await send(exec({ command: ['sh', '-c', 'cat > "$1"', 'sh', file] }), message)
  const bytes = await readFile(file)
  assert.equal(bytes.includes('\n'), false)
  const { checks } = strictlyParsed(bytes)
  assert.deepEqual(
    checks.map(({ reason }: Body) => reason),
    hostile.map(readable),
  )
})

test('custom: the function gets texts without NUL and half a character', async () => {
  const got: Notice['message'][] = []
  const channel = custom(async ({ message }) => void got.push(message))
  for (const message of messagesWith(hostile)) await send(channel, message)
  assert.equal(got.length, messagesWith(hostile).length)
  for (const text of textsIn(got)) assert(isReadable(text), text)
})

/** All texts but keys, which no one reads. */
function textsIn(value: unknown, key = ''): string[] {
  if (typeof value === 'string') return /^(?:dedup_key|alias)$/.test(key) ? [] : [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, entry]) => textsIn(entry, name))
}
