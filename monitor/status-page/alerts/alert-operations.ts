/** `/api/alerts`: the messages that wait, were given up or were delivered. For operators. */
import { z } from 'zod'
import { readPauses } from '../../store/channel-pauses.ts'
import { type DoneMessage, type PendingMessage, readDoneMessages, readMessageQueue } from '../../store/message-queue.ts'
import type { AlertMessage } from '../../store/messages.ts'
import { type OperationsOf, operation } from '../api/operation.ts'
import { Problem } from '../api/problem.ts'
import { nothing, time, wholeNumber } from '../api/schema-parts.ts'
import { summaryOf } from './message-summary.ts'

const messageFields = {
  id: z.int(),
  channel: z.string(),
  kind: z.string().meta({ description: 'Such as `down`.' }),
  phase: z.string().nullable().meta({ description: '`began`, `ended` or `happened`; null for messages about checks.' }),
  incident: z.int().nullable(),
  about: z.string().meta({ description: 'Checks or other subjects, and their environment; may be empty.' }),
  createdAt: time,
  attempts: z.int(),
}
const pendingFields = {
  ...messageFields,
  failingSince: time.nullable().meta({ description: 'When the first attempt failed.' }),
  failure: z.string().nullable().meta({ description: 'Such as `answered 503`.' }),
  lastError: z.string().nullable(),
}

const alerts = z.object({
  at: time,
  counts: z.object({ waiting: z.int(), dead: z.int() }),
  pauses: z
    .array(z.object({ channel: z.string(), until: time, reason: z.string() }))
    .meta({ description: 'For which receivers have asked.' }),
  waiting: z
    .array(
      z.object({
        ...pendingFields,
        isTaken: z.boolean().meta({ description: 'An attempt is under way.' }),
        waitsFor: z.int().nullable().meta({ description: 'The message that is sent before.' }),
        notBefore: time.nullable().meta({ description: 'The end of quiet hours.' }),
        nextAttempt: time,
      }),
    )
    .meta({ description: 'Oldest first.' }),
  dead: z
    .array(z.object({ ...pendingFields, deadAt: time, isOvertaken: z.boolean() }))
    .meta({ description: 'Given up; oldest first. One that a later message has overtaken can only be dropped.' }),
  done: z
    .array(
      z.object({
        ...messageFields,
        doneAt: time,
        closedSince: z.string().nullable().meta({ description: 'Why it was closed unsent; null: it was accepted.' }),
        remark: z.string().nullable(),
      }),
    )
    .meta({ description: 'Newest first.' }),
})

export const alertOperations: OperationsOf = ({ pool }) => [
  operation({
    method: 'get',
    path: '/api/alerts',
    id: 'getAlerts',
    summary: 'Messages that wait, were given up or were delivered',
    description: 'For operators only.',
    parameters: {
      path: nothing,
      query: z.object({ limit: wholeNumber(1, 500, 100, 'How many of each at most.') }),
    },
    reply: { name: 'Alerts', schema: alerts },
    problems: { 401: 'Only operators see them.', 403: 'There are no operators.' },
    async respond({ query: { limit }, viewer }) {
      if (viewer.kind !== 'operator') {
        return viewer.maySignIn
          ? new Problem(401, 'Only operators see messages. Send the token.')
          : new Problem(403, 'Only operators see messages: set REPRISE_OPERATOR_TOKEN.')
      }
      const [{ at, counts, waiting, dead }, pauses, done] = await Promise.all([
        readMessageQueue(pool, limit),
        readPauses(pool),
        readDoneMessages(pool, limit),
      ])
      return { at, counts, pauses, waiting: waiting.map(shown), dead: dead.map(shown), done: done.map(shown) }
    },
  }),
]

function shown<T extends PendingMessage | DoneMessage>({ message, ...rest }: T) {
  return { ...rest, ...about(message) }
}

function about(message: AlertMessage) {
  const { about, incident = null } = summaryOf(message)
  return { kind: message.kind, phase: 'phase' in message ? message.phase : null, incident, about }
}
