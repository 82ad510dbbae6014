/** The texts of all kinds of messages, with their links. */
import { expect, test } from '../../testing/test.ts'
import type { AlertedCheck, IncidentMessage, NoticeSubject, SubjectMessage } from '../store/messages.ts'
import { webhookBody } from './channels/webhook-body.ts'
import { linksOf, linkTitle } from './links.ts'
import { messageText } from './message-text.ts'
import { linkOf, urgencyOf } from './notice.ts'
import { sampleKinds, sampleMessages } from './sample-messages.ts'

const now = new Date('2030-03-01T08:00:00Z')

test('each kind of message has a title and an urgency, in each phase', () => {
  const messages = sampleKinds.flatMap(kind => sampleMessages(kind, now))
  expect(messages.map(message => `${urgencyOf({ message })}: ${messageText(message).title}`)).toEqual([
    'information: Test message',
    'failing: Down in sample: users; no successful report: backup',
    'doubtful: Also down in sample: orders; successful report again: backup; still down: users',
    'doubtful: Flapping in sample: users',
    'failing: Still down in sample: users, orders',
    'failing: Down, and not acknowledged in sample: users, orders',
    'doubtful: Acknowledged by Ada in sample: users, orders',
    'recovered: Up again in sample: users, orders',
    'failing: No successful report in sample: backup',
    'recovered: Successful report again in sample: backup',
    'doubtful: Unknown in sample: search',
    'recovered: Known again in sample: search',
    'doubtful: Degraded in sample: users',
    'recovered: No longer degraded in sample: users',
    'doubtful: Possible leak in sample: orders',
    'recovered: Leak removed in sample: orders',
    'doubtful: Certificate in sample: api.example.com',
    'recovered: Certificate renewed in sample: api.example.com',
    'failing: Trouble of the monitor: database',
    'recovered: Trouble of the monitor is over: database',
    'doubtful: Trouble of the monitor: slots',
    'information: Digest',
  ])
})

test('a text has what is known of a failure, and a job has not failed but not reported', () => {
  const [message] = sampleMessages('down', now)
  expect(message && messageText(message)).toMatchObject({
    lines: [
      'users is down since 2030-03-01 07:48:00 UTC: a user is added › is found again: expect(received).toBe(expected) // Object.is equality',
      '  first red on 2.37.0, last green on 2.36.1; trace 4bf92f3577b34da6a3ce929d0e0e4736',
      'No successful report from backup since 2030-03-01 07:48:00 UTC: no report by 03:30',
    ],
    footer: ['Incident 0, since 2030-03-01 07:48:00 UTC'],
  })
  const users: AlertedCheck = { name: 'users', state: 'down', since: now.toISOString() }
  const detailOf = (more: Partial<AlertedCheck>) => {
    const about = { incident: 1, environment: 'production', openedAt: users.since, at: users.since }
    return messageText({ kind: 'down', ...about, checks: [{ ...users, ...more }] }).lines[1]
  }
  expect(detailOf({})).toBeUndefined()
  expect(detailOf({ failingVersion: '1', passedVersion: '1' })).toBe('  same version before and after: 1')
  expect(detailOf({ failingVersion: '1, 2' })).toBe('  first red on 1, 2')
  expect(detailOf({ passedVersion: '1' })).toBe('  last green on 1')
  expect(detailOf({ passedVersion: '1', state: 'up' })).toBeUndefined()
})

test('the text of a matter has when it began, and when it ended', () => {
  const lineOf = (phase: SubjectMessage['phase']) => {
    const subjects = [{ name: 'users', text: 'it is slow', since: '2030-03-01T07:00:00Z' }]
    return messageText({ kind: 'degraded', phase, severity: 'warning', at: now.toISOString(), subjects }).lines
  }
  expect(lineOf('began')).toEqual(['users: it is slow (since 2030-03-01 07:00:00 UTC)'])
  expect(lineOf('ended')).toEqual(['users: it is slow (from 2030-03-01 07:00:00 UTC to 2030-03-01 08:00:00 UTC)'])
  expect(lineOf('happened')).toEqual(['users: it is slow'])
})

test('a matter of a check has what is known of its cause while it lasts, and links to it', () => {
  const messageOf = (phase: SubjectMessage['phase'], more: Partial<NoticeSubject> = {}): SubjectMessage => {
    const cause = { failingVersion: '2', passedVersion: '1', traceId: 'f00', run: 'run-1', incident: 7, ...more }
    const subject = { name: 'users', text: 'it is slow', since: '2030-03-01T07:00:00Z', ...cause }
    const subjects = [{ ...subject, runbook: 'https://wiki.example/users' }]
    return { kind: 'degraded', phase, severity: 'warning', environment: 'production', at: now.toISOString(), subjects }
  }
  expect(messageText(messageOf('began')).lines).toEqual([
    'users: it is slow (since 2030-03-01 07:00:00 UTC, in incident 7)',
    '  first red on 2, last green on 1; trace f00',
  ])
  const statusPage = 'https://status.example/'
  const noticeOf = (message: SubjectMessage) => ({ message, statusPage, idempotencyKey: 'k' })
  const notice = noticeOf(messageOf('began'))
  expect(linksOf(notice).map(({ url }) => url)).toEqual([`${statusPage}reports/run-1`, 'https://wiki.example/users'])
  expect(linkOf(notice)).toEqual([`${statusPage}incidents/7`])
  expect(JSON.parse(webhookBody(notice))).toMatchObject({
    subjects: [{ traceId: 'f00', failingVersion: '2', reportPage: `${statusPage}reports/run-1` }],
    incidentPage: `${statusPage}incidents/7`,
  })
  const [elsewhere] = messageOf('began', { incident: 8 }).subjects
  const both = { ...messageOf('began'), subjects: [...messageOf('began').subjects, ...(elsewhere ? [elsewhere] : [])] }
  expect(linkOf(noticeOf(both))).toEqual([statusPage])
  expect(messageText(messageOf('ended')).lines).toHaveLength(1)
  expect(linksOf(noticeOf(messageOf('ended')))).toEqual([])
})

test('a check that is flapping has its last failure also while it is up', () => {
  const check = { name: 'users', state: 'up', since: now.toISOString(), run: 'run-1', failingVersion: '2' } as const
  const textFor = (news: 'flapping' | 'recovered') => {
    const about = { incident: 1, environment: 'production', openedAt: check.since, at: check.since }
    return messageText({ kind: 'flapping', ...about, checks: [{ ...check, reason: 'expected 201', news }] }).lines
  }
  expect(textFor('flapping')).toEqual([
    'users is up since 2030-03-01 08:00:00 UTC; it failed last with: expected 201',
    '  first red on 2',
  ])
  expect(textFor('recovered')).toEqual(['users is up since 2030-03-01 08:00:00 UTC'])
})

test('a message links to the reports and runbooks of what is not up, each once, and to none that is no web page', () => {
  const since = now.toISOString()
  const check = (name: string, more: Partial<AlertedCheck> = {}): AlertedCheck => {
    return { name, state: 'down', since, run: 'run-1', runbook: 'https://wiki.example/a?b=<c>', ...more }
  }
  const links = (checks: AlertedCheck[], statusPage?: string) => {
    const about = { kind: 'down', incident: 1, environment: 'production', openedAt: since, at: since, checks } as const
    return linksOf({ message: about, statusPage }).map(link => `${linkTitle(link)}: ${link.url}`)
  }
  const up = check('search', { state: 'up', runbook: 'https://wiki.example/up' })
  const checks = [check('users'), check('orders'), up, check('pay', { run: 'run 2', runbook: 'javascript:alert(1)' })]
  expect(links(checks, 'https://status.example/of/us?x=1')).toEqual([
    'Report of users, orders: https://status.example/of/us/reports/run-1',
    'Report of pay: https://status.example/of/us/reports/run%202',
    'Runbook of users, orders: https://wiki.example/a?b=%3Cc%3E',
  ])
  expect(links(checks)).toEqual(['Runbook of users, orders: https://wiki.example/a?b=%3Cc%3E'])
  const many = Array.from({ length: 200 }, (_, index) => check(`c${index}`, { run: `run-${index}` }))
  expect(links(many, 'https://status.example/')).toHaveLength(5)
  expect(links([check('users', { runbook: `https://wiki.example/${'x'.repeat(500)}` })])).toEqual([])
})

test('an incident whose checks are only warnings is not as urgent', () => {
  const [down] = sampleMessages('down', now) as IncidentMessage[]
  if (!down) throw new Error('There is no sample.')
  const checks = down.checks.map(check => ({ ...check, severity: 'warning' as const }))
  expect(urgencyOf({ message: { ...down, checks } })).toBe('doubtful')
})
