/** Samples of all kinds of messages, to try how a channel shows them. */
import {
  type AlertedCheck,
  type AlertMessage,
  type IncidentMessage,
  noIncident,
  type Severity,
  type SubjectMessage,
  type UnknownStateMessage,
} from '../store/messages.ts'
import type { TestMessage } from './notice.ts'

type Message = AlertMessage | TestMessage
/** `heartbeat`: what is sent of a job that has not reported. */
type Kind = Message['kind'] | 'heartbeat'
type SubjectKind = SubjectMessage['kind']

/** An environment that no check is of; with the incident 0, alerts of samples have keys of their own. */
const environment = 'sample'

/**
 * The messages of a kind: more than one for a matter that begins and ends. All kinds, in the order of `sampleKinds`, leave no
 * alert open; `up` ends what `down` opens, also later.
 */
export function sampleMessages(kind: Kind, now: Date): Message[] {
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString()
  return samples[kind](ago)
}

type Ago = (minutes: number) => string

const samples: Record<Kind, (ago: Ago) => Message[]> = {
  test: ago => [{ kind: 'test', at: ago(0) }],
  down: ago => [incident('down', ago, [users(ago, 'fell'), backup(ago, 'fell')])],
  update: ago => [incident('update', ago, [users(ago), backup(ago, 'recovered'), orders(ago, 'fell')])],
  flapping: ago => [incident('flapping', ago, [users(ago, 'flapping'), orders(ago)])],
  reminder: ago => [incident('reminder', ago, [users(ago), orders(ago)])],
  escalation: ago => [incident('escalation', ago, [users(ago), orders(ago)])],
  acknowledged: ago => [{ ...incident('acknowledged', ago, [users(ago), orders(ago)]), acknowledgedBy: 'Ada' }],
  up: ago => [incident('up', ago, [users(ago), orders(ago)].map(recovered(ago)))],
  heartbeat: ago => [incident('down', ago, [backup(ago, 'fell')]), incident('up', ago, [backup(ago, 'recovered')])],
  unknown: ago => [unknownState('unknown', ago, 'unknown')],
  known: ago => [unknownState('known', ago, 'up')],
  degraded: ago => lasting('degraded', 'warning', ago, 'users', 'GET /users took 2140 ms, which is more than 800 ms'),
  leak: ago =>
    lasting('leak', 'warning', ago, 'orders', '2 things may be left: DELETE /orders/7 was answered with 500'),
  certificate: ago =>
    lasting('certificate', 'warning', ago, 'api.example.com', 'it expires in 12 days, and was issued by Example CA'),
  trouble: ago => [
    ...lasting('trouble', 'critical', ago, 'database', 'the database of the monitor could not be reached'),
    subject('trouble', 'happened', 'warning', ago, 'slots', '3 slots were missed: no monitor ran'),
  ],
  digest: ago => [
    {
      kind: 'digest',
      from: ago(7 * 24 * 60),
      at: ago(0),
      lines: [
        'Uptime in sample: 99.95 % of 2016 replays.',
        'Lowest uptime: users 99.80 %, orders 99.95 %.',
        '2 incidents, the longest for 42 min: incident 12 (users, orders).',
        'Flaky: "a user is added" of users (3 times).',
      ],
    },
  ],
}

/** All kinds, in the order in which their samples are sent. */
export const sampleKinds = Object.keys(samples) as Kind[]

function incident(kind: IncidentMessage['kind'], ago: Ago, checks: AlertedCheck[]): IncidentMessage {
  return { kind, incident: noIncident, environment, openedAt: ago(12), at: ago(kind === 'down' ? 12 : 0), checks }
}

const withNews = (check: AlertedCheck, news: AlertedCheck['news']) => (news === undefined ? check : { ...check, news })

function users(ago: Ago, news?: AlertedCheck['news']): AlertedCheck {
  const check: AlertedCheck = {
    ...{ name: 'users', state: 'down', since: ago(12), severity: 'critical', tags: ['@smoke'] },
    reason: 'a user is added › is found again: expect(received).toBe(expected) // Object.is equality',
    ...{ failingVersion: '2.37.0', passedVersion: '2.36.1', traceId: '4bf92f3577b34da6a3ce929d0e0e4736' },
    ...{ run: '20300301T000000Z-sample', runbook: 'https://example.com/runbooks/users' },
  }
  return withNews(check, news)
}

function orders(ago: Ago, news?: AlertedCheck['news']): AlertedCheck {
  const reason = 'an order is taken: apiRequestContext.post: connect ECONNREFUSED'
  return withNews({ name: 'orders', state: 'down', since: ago(7), severity: 'warning', reason }, news)
}

function backup(ago: Ago, news?: AlertedCheck['news']): AlertedCheck {
  const name = { name: 'backup', source: 'heartbeat' as const }
  if (news === 'recovered') return { ...name, state: 'up', since: ago(0), news }
  return withNews({ ...name, state: 'down', since: ago(12), reason: 'no report by 03:30' }, news)
}

const recovered =
  (ago: Ago) =>
  ({ name, severity = 'critical' }: AlertedCheck): AlertedCheck => ({
    ...{ name, severity, state: 'up', since: ago(0), news: 'recovered' },
  })

function unknownState(kind: UnknownStateMessage['kind'], ago: Ago, state: AlertedCheck['state']): UnknownStateMessage {
  const reason = state === 'unknown' ? { reason: 'our own network: onlineProbe does not answer either' } : {}
  return { kind, environment, at: ago(0), checks: [{ name: 'search', state, since: ago(12), news: kind, ...reason }] }
}

/** A matter that begins, and ends. */
function lasting(kind: SubjectKind, severity: Severity, ago: Ago, name: string, text: string): Message[] {
  return [subject(kind, 'began', severity, ago, name, text), subject(kind, 'ended', severity, ago, name, text)]
}

function subject(
  kind: SubjectKind,
  phase: SubjectMessage['phase'],
  severity: Severity,
  ago: Ago,
  name: string,
  text: string,
): SubjectMessage {
  const place = kind === 'trouble' ? {} : { environment }
  return { kind, phase, severity, ...place, at: ago(0), subjects: [{ name, text, since: ago(12) }] }
}
