import { expect, test } from '../../testing/test.ts'
import type { IncidentDetails } from '../store/incident-details.ts'
import { timelineOf } from './incident-timeline.ts'

const at = (minute: number) => new Date(Date.UTC(2030, 2, 1, 3, minute))
const check = {
  name: 'users',
  state: 'up',
  active: true,
  failingVersion: null,
  passedAt: null,
  passedVersion: null,
} as const
const replay = { check: 'users', location: 'home', version: null } as const
const incident: IncidentDetails = {
  ...{ id: 1, environment: 'production', openedAt: at(4), closedAt: at(1), transitions: [], messages: [] },
  checks: [{ ...check, failingSince: at(0), openedAt: at(4), closedAt: at(1) }],
  firstReplays: [
    { ...replay, due: at(0), kind: 'cron', outcome: 'failed' },
    { ...replay, due: at(2), kind: 'confirm', outcome: 'failed' },
    { ...replay, due: at(3), kind: 'confirm', outcome: 'error' },
    { ...replay, due: at(4), kind: 'confirm', outcome: 'failed' },
  ],
}
const texts = timelineOf(incident, { isOperator: false, acknowledgement: undefined, actions: [] }).map(({ text }) =>
  text.text.replace(/<[^>]+>/g, ''),
)

test('a failure is confirmed by the replay for which the incident was opened, not by those before', () => {
  expect(texts.filter(text => /failed|replayed/.test(text))).toEqual([
    'users failed for the first time.',
    'users failed again.',
    'users was replayed to confirm the failure, and is error.',
    'users failed again: the failure is confirmed.',
  ])
})

test('an incident that a clock set back has ended before it began lasted no time', () => {
  expect(texts).toContain('The incident is closed, after 0 ms.')
})
