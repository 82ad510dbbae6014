/** Messages about 200 checks with long names, against the limits that the receivers document and the way in which they count. */
import assert from 'node:assert/strict'
import { apprise, type Channel, discord, ntfy, opsgenie, pagerduty, slack, teams, telegram } from '../index.ts'
import type { AlertedCheck, AlertMessage } from '../store/messages.ts'
import { type Receiver, type Responder, test } from '../testing/receiver-fixture.ts'
import { type Notice, urgencyOf } from './notice.ts'
import { sampleKinds, sampleMessages } from './sample-messages.ts'
import { sendNotice } from './send-notice.ts'

/** Which of these a receiver counts is not always documented: no text may have more of any. */
const lengths = {
  units: (text: string) => text.length,
  characters: (text: string) => [...text].length,
  bytes: (text: string) => Buffer.byteLength(text),
}

/** Repeated in the names, which have 60 to 100 code units. */
const alphabets = {
  ASCII: 'checkout-api-',
  'letters of two bytes': 'überprüfung-ж',
  'letters of three bytes': '監視対象サービス',
  'characters of four bytes': '😀🚀🔥',
  'characters of several code points': '👨‍👩‍👧‍👦🇩🇪e\u0301\u0302',
  'what is escaped': '"\\<&*_`|>#[]()@everyone:/',
}

const environment = 'production-in-frankfurt-and-some-more-places'
const since = '2030-03-01T08:00:00Z'
const many = 200

function nameOf(index: number, text: string): string {
  const name = `${String(index).padStart(3, '0')} ${text.repeat(12)}`
  return name.slice(0, 60 + (index % 40)).replace(/[\ud800-\udbff]$/, '')
}

function checksOf(text: string, more: Partial<AlertedCheck>): AlertedCheck[] {
  return Array.from({ length: many }, (_, index): AlertedCheck => {
    const about = { failingVersion: text.repeat(5), passedVersion: text.repeat(5), traceId: 'a'.repeat(32) }
    const name = nameOf(index, text)
    const links = index < 9 && {
      run: `run-${index}`,
      runbook: `https://wiki.example.com/${index}/${'&a=1'.repeat(90)}`,
    }
    return { name, state: 'down', since, reason: text.repeat(40), ...about, ...links, ...more }
  })
}

/** Of each kind, about all checks. */
function messagesWith(text: string): Notice['message'][] {
  const checks = (more: Partial<AlertedCheck>) => checksOf(text, more)
  const subjects = Array.from({ length: many }, (_, index) => {
    return { name: nameOf(index, text), text: text.repeat(40), since, runbook: `https://wiki.example.com/${index}` }
  })
  return sampleKinds.flatMap(kind =>
    sampleMessages(kind, new Date(since)).map((message): AlertMessage | Notice['message'] => {
      if (message.kind === 'digest') return { ...message, lines: Array.from({ length: many }, () => text.repeat(60)) }
      if ('subjects' in message) return { ...message, environment, subjects }
      if (!('checks' in message)) return message
      const [sample] = message.checks
      const { news, state = 'down' } = sample ?? {}
      return { ...message, environment, checks: checks({ state, ...(news && { news }) }) }
    }),
  )
}

interface Limit {
  /** Of the request; of each, if it is a list. */
  of(body: Body): string | string[] | undefined
  most: number
  by: (keyof typeof lengths)[]
}

// biome-ignore lint/suspicious/noExplicitAny: the bodies of eight services.
type Body = any

const texts: Limit['by'] = ['units', 'characters']
const whole = (body: Body) => JSON.stringify(body)
const embedTexts = ({ embeds: [embed] }: Body): string[] => [
  ...[embed.title, embed.description, embed.footer.text],
  ...embed.fields.flatMap(({ name, value }: Body) => [name, value]),
]
const origin = ({ url }: Receiver) => new URL(url).origin

interface Service {
  channel(receiver: Receiver): Channel
  /** The names of checks, or of what else the message is about, where they are shown first. */
  title(body: Body): string | undefined
  /** The lines about the checks. */
  lines(body: Body): string | undefined
  limits: Limit[]
}

const services: Record<string, Service> = {
  slack: {
    channel: ({ url }) => slack({ url }),
    title: ({ blocks: [header] }) => header.text.text,
    lines: ({ text }) => text,
    limits: [
      { of: ({ text }) => text, most: 40_000, by: texts },
      { of: ({ blocks: [header] }) => header.text.text, most: 150, by: texts },
      { of: ({ blocks: [header] }) => header.block_id, most: 255, by: texts },
      { of: ({ blocks }) => blocks.slice(1, -1).map(({ text }: Body) => text.text), most: 3000, by: texts },
      { of: ({ blocks }) => blocks.at(-1).elements.map(({ text }: Body) => text), most: 3000, by: texts },
      { of: ({ blocks }) => 'x'.repeat(blocks.length), most: 50, by: texts },
      // Not documented: beyond about 13,000, it answers msg_blocks_too_long.
      { of: ({ blocks }) => whole(blocks), most: 13_000, by: ['units'] },
    ],
  },
  discord: {
    channel: ({ url }) => discord({ url }),
    title: ({ embeds: [embed] }) => embed.title,
    lines: ({ embeds: [embed] }) => embed.description,
    limits: [
      { of: ({ embeds: [embed] }) => embed.title, most: 256, by: texts },
      { of: ({ embeds: [embed] }) => embed.description, most: 4096, by: texts },
      { of: ({ embeds: [embed] }) => embed.footer.text, most: 2048, by: texts },
      { of: ({ embeds: [embed] }) => embed.fields.map(({ name }: Body) => name), most: 256, by: texts },
      { of: ({ embeds: [embed] }) => embed.fields.map(({ value }: Body) => value), most: 1024, by: texts },
      { of: ({ embeds: [embed] }) => 'x'.repeat(embed.fields.length), most: 25, by: texts },
      { of: body => embedTexts(body).join(''), most: 6000, by: texts },
    ],
  },
  telegram: {
    channel: receiver => telegram({ token: '1:x', chat: '@oncall', url: origin(receiver) }),
    title: ({ text }) => text.split('\n')[0],
    lines: ({ text }) => text,
    limits: [{ of: ({ text }) => text, most: 4096, by: texts }],
  },
  teams: {
    channel: ({ url }) => teams({ url }),
    title: ({ attachments: [{ content }] }) => content.body[0].inlines[0].text,
    lines: ({ attachments: [{ content }] }) => content.body.map(({ inlines: [{ text }] }: Body) => text).join('\n'),
    limits: [
      { of: whole, most: 28_000, by: ['bytes'] },
      // As UTF-16, of two bytes each.
      { of: whole, most: 14_000, by: ['units'] },
    ],
  },
  ntfy: {
    channel: receiver => ntfy({ topic: 't', url: origin(receiver) }),
    title: ({ title }) => title,
    lines: ({ message }) => message,
    limits: [
      { of: ({ message }) => message, most: 4096, by: ['bytes'] },
      { of: whole, most: 8192, by: ['bytes'] },
      { of: ({ actions }) => 'x'.repeat(actions.length), most: 3, by: texts },
    ],
  },
  pagerduty: {
    channel: receiver => pagerduty({ routingKey: 'k', url: origin(receiver) }),
    title: ({ payload }) => payload.summary,
    lines: ({ payload }) => payload.custom_details.checks.join('\n'),
    limits: [
      { of: ({ payload }) => payload.summary, most: 1024, by: texts },
      { of: ({ dedup_key }) => dedup_key, most: 255, by: texts },
      { of: whole, most: 512 * 1024, by: ['bytes'] },
    ],
  },
  opsgenie: {
    channel: receiver => opsgenie({ apiKey: 'k', url: origin(receiver) }),
    title: ({ message }) => message,
    lines: ({ description, note }) => description ?? note,
    limits: [
      { of: ({ message }) => message, most: 130, by: texts },
      { of: ({ alias }) => alias, most: 512, by: texts },
      { of: ({ description }) => description, most: 15_000, by: texts },
      { of: ({ entity }) => entity, most: 512, by: texts },
      { of: ({ source }) => source, most: 100, by: texts },
      { of: ({ user }) => user, most: 100, by: texts },
      { of: ({ note }) => note, most: 25_000, by: texts },
      { of: ({ details }) => details && whole(details), most: 8000, by: texts },
    ],
  },
  // It has no limits of its own: it cuts a text for each service.
  apprise: {
    channel: ({ url }) => apprise({ url }),
    title: ({ title }) => title,
    lines: ({ body }) => body,
    limits: [],
  },
}

const ok: Responder = (_request, response) => void response.writeHead(200).end()
/** Signs of markup are escaped at Discord, and at Slack. */
const unescaped = (text: string) => text.replace(/\\([\p{P}\p{S}])/gu, '$1').replaceAll('&amp;', '&')

for (const [kind, { channel, title, lines, limits }] of Object.entries(services)) {
  test(`${kind}: messages about ${many} checks fit, are cut between characters, and say how many are left out`, async ({
    receiver,
  }) => {
    const recipient = { name: 'oncall', channel: channel(receiver), env: {} }
    for (const [alphabet, text] of Object.entries(alphabets)) {
      for (const message of messagesWith(text)) {
        // Of the other alphabets, a message of each form. Each of the checks may have an alert that ends: 200 requests.
        const kinds = alphabet === 'what is escaped' ? sampleKinds : ['down', 'leak', 'digest']
        const isEnd = urgencyOf({ message }) === 'recovered' && message.kind !== 'up'
        if (isEnd || !kinds.some(kind => kind === message.kind)) continue
        receiver.received.length = 0
        receiver.answers = Array.from({ length: 5 * many }, () => ok)
        const notice = { message, idempotencyKey: '7b0fa4a5-2a52-4f4e-9d3a-2c1f0a7f2f10', statusPage }
        await sendNotice(recipient, notice, AbortSignal.timeout(20_000))
        const where = `${message.kind} with ${alphabet}`
        for (const body of receiver.received.map(({ body }): Body => JSON.parse(body))) {
          for (const { of, most, by } of limits) {
            for (const value of [of(body) ?? []].flat()) {
              for (const each of by)
                assert(lengths[each](value) <= most, `${where}: ${lengths[each](value)} ${each} of ${of}`)
            }
          }
          // Half a character would be sent as an escape sequence of JSON, or as U+FFFD.
          assert.doesNotMatch(JSON.stringify(body), /\\ud[89a-f]|\ufffd/i, where)
        }
        const [first]: Body[] = receiver.received.map(({ body }) => JSON.parse(body))
        if (message.kind === 'test') continue
        const shown = unescaped(lines(first) ?? '')
        const [, left] = /^and (\d+) more$/m.exec(shown) ?? []
        assert(Number(left) >= many - 20 && Number(left) < many, `${where}: ${shown}`)
        if (message.kind === 'digest') continue
        const listed = shown.match(/^(?:No successful report from |)\d{3} /gm)?.length ?? 0
        assert.equal(listed + Number(left), many, `${where}: ${shown}`)
        const heading = title(first)
        if (heading !== undefined) assert.match(unescaped(heading), / and (?:1\d\d|200) more(?:$|;)/, where)
      }
    }
  })
}

const statusPage = 'https://status.example.com/of/a/team/with/a/long/path/'
