/**
 * ActionRequests: what operators can ask for, each by a path and a body. The API, the forms and the OpenAPI document are
 * made of them.
 */
import type pg from 'pg'
import { z } from 'zod'
import { parseDuration } from '../../duration.ts'
import { acknowledge, unacknowledge, writeNote } from '../../store/acknowledgements.ts'
import { ActionRefusal } from '../../store/action-refusal.ts'
import { endWindow, openWindow } from '../../store/maintenance-windows.ts'
import { dropMessage, retryMessage } from '../../store/message-actions.ts'
import { mute, type Until, unmute } from '../../store/mutes.ts'
import { requestRun } from '../../store/requested-runs.ts'
import { nulRemedy, withoutNul } from '../api/schema-parts.ts'

export interface ActionRequest {
  /** With a parameter `{id}` or `{name}`; without `/api`. */
  path: string
  /** Unique in the OpenAPI document. */
  id: string
  summary: string
  body: z.ZodObject
  run(pool: pg.Pool, asked: Asked<unknown>): Promise<ActionReply>
}

interface Asked<Body> {
  /** The parameter of the path; empty: it has none. */
  subject: string
  body: Body
  operator: string
}

const time = z.iso.datetime({ offset: true, error: 'write a time with its zone, such as 2030-01-31T22:00:00Z' })

export const actionReply = z.object({
  changed: z.boolean().meta({ description: 'False: it was so already, and nothing was recorded.' }),
  acknowledgement: z.object({ by: z.string(), at: time }).optional(),
  until: time.optional().meta({ description: 'When the mute ends.' }),
  window: z
    .object({ id: z.int(), begin: time, end: time, checks: z.array(z.string()).optional() })
    .optional()
    .meta({ description: 'Without `checks`: of all checks.' }),
})

type ActionReply = z.infer<typeof actionReply>

const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1, `write 1 to ${most} characters`)
    .max(most, `write at most ${most} characters`)
    .refine(withoutNul, nulRemedy)
const duration = z
  .string()
  .refine(value => parseDuration(value) !== undefined, { error: 'write a duration such as 30m, 2h or 7d' })

/** Of each body. */
const by = z.string().optional().meta({ description: 'Who asks; only with the token itself, which has no name.' })

const end = {
  until: time.optional(),
  for: duration.optional().meta({ description: 'Instead of `until`, such as `1h`.' }),
}

export const actionRequests: readonly ActionRequest[] = [
  action({
    path: '/incidents/{id}/acknowledge',
    id: 'acknowledgeIncident',
    summary: 'Acknowledges an open incident',
    body: z.object({ note: text(4000).optional(), by }),
    async run(pool, { subject, body: { note }, operator }) {
      const { isNew, operator: name, at } = await acknowledge(pool, numberOf(subject, 'incident'), { operator, note })
      // Another note of one that is acknowledged already is recorded as well.
      return { changed: isNew || note !== undefined, acknowledgement: { by: name, at: at.toISOString() } }
    },
  }),
  action({
    path: '/incidents/{id}/unacknowledge',
    id: 'unacknowledgeIncident',
    summary: 'Takes an acknowledgement back',
    body: z.object({ by }),
    run: async (pool, { subject, operator }) => ({
      changed: await unacknowledge(pool, numberOf(subject, 'incident'), operator),
    }),
  }),
  action({
    path: '/incidents/{id}/notes',
    id: 'addNote',
    summary: 'Adds a note to an incident',
    body: z.object({ text: text(4000), by }),
    async run(pool, { subject, body, operator }) {
      await writeNote(pool, numberOf(subject, 'incident'), operator, body.text)
      return { changed: true }
    },
  }),
  ...(['check', 'channel'] as const).flatMap(kind => [
    action({
      path: `/${kind}s/{name}/mute`,
      id: kind === 'check' ? 'muteCheck' : 'muteChannel',
      summary: `Creates no alerts of failures ${kind === 'check' ? 'of a check' : 'for a channel'} until a time`,
      body: z.object({ ...end, by }),
      async run(pool, { subject, body, operator }) {
        const { until, isNew } = await mute(pool, { kind, name: subject }, untilOf(body), operator)
        return { changed: isNew, until: until.toISOString() }
      },
    }),
    action({
      path: `/${kind}s/{name}/unmute`,
      id: kind === 'check' ? 'unmuteCheck' : 'unmuteChannel',
      summary: `Ends the mute of a ${kind}`,
      body: z.object({ by }),
      run: async (pool, { subject, operator }) => ({ changed: await unmute(pool, { kind, name: subject }, operator) }),
    }),
  ]),
  action({
    path: '/checks/{name}/run',
    id: 'runCheck',
    summary: 'Replays a check now, at each of its locations',
    body: z.object({ by }),
    run: async (pool, { subject, operator }) => ({ changed: await requestRun(pool, subject, operator) }),
  }),
  action({
    path: '/maintenance',
    id: 'openMaintenance',
    summary: 'Opens a maintenance window',
    body: z.object({
      from: time.optional().meta({ description: 'Default: now.' }),
      ...end,
      checks: z
        .array(z.string().refine(withoutNul, nulRemedy))
        .optional()
        .meta({ description: 'Default: all checks.' }),
      reason: text(500).optional(),
      by,
    }),
    async run(pool, { body: { from, checks, reason, ...end }, operator }) {
      const asked = { from: from === undefined ? undefined : new Date(from), until: untilOf(end), checks, reason }
      const { id, begin, end: until, checks: listed } = await openWindow(pool, asked, operator)
      const window = {
        id,
        begin: begin.toISOString(),
        end: until.toISOString(),
        ...(listed && { checks: [...listed] }),
      }
      return { changed: true, window }
    },
  }),
  action({
    path: '/maintenance/{id}/end',
    id: 'endMaintenance',
    summary: 'Ends a maintenance window now, or cancels it before it begins',
    body: z.object({ by }),
    run: async (pool, { subject, operator }) => ({
      changed: await endWindow(pool, numberOf(subject, 'maintenance window'), operator),
    }),
  }),
  action({
    path: '/messages/{id}/retry',
    id: 'retryMessage',
    summary: 'Sends a message now that waits or was given up',
    body: z.object({ by }),
    async run(pool, { subject, operator }) {
      await retryMessage(pool, numberOf(subject, 'message'), operator)
      return { changed: true }
    },
  }),
  action({
    path: '/messages/{id}/drop',
    id: 'dropMessage',
    summary: 'Closes a message that waits or was given up without sending it',
    body: z.object({ by }),
    async run(pool, { subject, operator }) {
      await dropMessage(pool, numberOf(subject, 'message'), operator)
      return { changed: true }
    },
  }),
]

/** Checks the type of the body against `run`; the route has validated it. */
function action<Body extends z.ZodObject>({
  run,
  ...described
}: Omit<ActionRequest, 'run' | 'body'> & {
  body: Body
  run(pool: pg.Pool, asked: Asked<z.output<Body>>): Promise<ActionReply>
}): ActionRequest {
  return { ...described, run: (pool, asked) => run(pool, asked as Asked<z.output<Body>>) }
}

function numberOf(subject: string, what: string): number {
  if (!/^[1-9]\d{0,8}$/.test(subject))
    throw new ActionRefusal('unknown', `There is no ${what} ${JSON.stringify(subject)}.`)
  return Number(subject)
}

function untilOf({ until, for: span }: { until?: string | undefined; for?: string | undefined }): Until {
  const forMs = span === undefined ? undefined : parseDuration(span)
  if ((until === undefined) === (forMs === undefined)) throw new ActionRefusal('invalid', 'Send either until or for.')
  return until === undefined ? { forMs: forMs ?? 0 } : { until: new Date(until) }
}
