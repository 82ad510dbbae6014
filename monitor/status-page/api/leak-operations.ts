/** `/api/leaks`: what replays may have left, and what they have created and removed. */
import { z } from 'zod'
import { readShownLeaks } from '../leaks/leaks.ts'
import { type OperationsOf, operation } from './operation.ts'
import { nothing, operatorsOnly, time } from './schema-parts.ts'

const checkOfLeak = z.string().meta({ description: 'Several names if a test belongs to several checks; may be empty.' })

const leaks = z.object({
  at: time,
  countedSince: time.meta({ description: 'Since when creations are counted.' }),
  months: z
    .array(
      z.object({
        month: z.string().meta({ description: 'Such as `2026-11`, of UTC.' }),
        environment: z.string(),
        created: z.int().meta({ description: 'Things that are known to have been created: removed, or left.' }),
        removed: z.int(),
        unverified: z.int().meta({ description: 'Of those removed: no GET has confirmed it.' }),
        left: z.int().meta({ description: 'Things that are known to be there.' }),
        unknown: z.int().meta({ description: 'Requests of which it is unknown whether they have created anything.' }),
        pending: z.int().meta({ description: 'Requests of replays in progress.' }),
        unruled: z.int().meta({ description: 'Requests that were answered like creations, without a cleanup rule.' }),
      }),
    )
    .optional()
    .meta({
      description: 'Of all checks, by month and environment, newest first. Absent where only some checks are public.',
    }),
  counts: z
    .array(z.object({ environment: z.string(), check: checkOfLeak, left: z.int(), unknown: z.int(), since: time }))
    .meta({ description: 'What may be left, by environment and check.' }),
  details: z
    .object({
      requests: z.array(
        z.object({
          id: z.string(),
          environment: z.string(),
          check: checkOfLeak,
          at: time,
          method: z.string(),
          url: z.string(),
          reason: z.string(),
          things: z.array(z.string()).meta({ description: 'Addresses of what is there.' }),
          rule: z.string().nullable().meta({ description: 'The cleanup rule to write.' }),
        }),
      ),
      unruled: z.array(
        z.object({
          environment: z.string(),
          check: checkOfLeak,
          route: z.string(),
          reason: z.string(),
          times: z.int(),
          firstAt: time,
          lastAt: time,
        }),
      ),
    })
    .optional()
    .meta({ description: `The oldest 200 requests, and routes of the last 30 days without a rule. ${operatorsOnly}` }),
})

export const leakOperations: OperationsOf = ({ pool }) => [
  operation({
    method: 'get',
    path: '/api/leaks',
    id: 'getLeaks',
    summary: 'What replays may have left, and what they have created and removed',
    parameters: { path: nothing, query: nothing },
    reply: { name: 'Leaks', schema: leaks },
    respond: ({ visibility }) => readShownLeaks(pool, visibility),
  }),
]
