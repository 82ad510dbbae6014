/** Describes the actions of operators for the OpenAPI document. */
import { z } from 'zod'
import type { OperationDescription } from '../api/operation.ts'
import { nothing } from '../api/schema-parts.ts'
import { actionReply, actionRequests } from './action-requests.ts'

export const actionOperations: readonly OperationDescription[] = actionRequests.map(({ path, id, summary, body }) => {
  const [, parameter] = /\{(\w+)\}/.exec(path) ?? []
  return {
    method: 'post',
    path: `/api${path}`,
    id,
    summary,
    description: 'For operators: with `Authorization: Bearer`, or with a session from a page of the monitor.',
    parameters: { path: parameter === undefined ? nothing : z.object({ [parameter]: z.string() }), query: nothing },
    body,
    reply: { name: 'ActionReply', schema: actionReply },
    problems: {
      401: 'The request is not that of an operator.',
      403: 'It came from a page of another site, or there are no operators.',
      404: 'What it is about does not exist.',
      409: 'The state of what it is about does not allow it.',
      413: 'The body is larger than 16 KB.',
      415: 'The body is not JSON.',
    },
  }
})
