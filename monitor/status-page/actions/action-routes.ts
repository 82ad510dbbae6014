/** Lets operators act: by JSON to `/api/...`, by forms to `/actions/...`, and shows what they did on `/actions`. */
import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import { ActionRefusal } from '../../store/action-refusal.ts'
import { readActions } from '../../store/actions.ts'
import { localPath } from '../access/local-path.ts'
import { operatorName } from '../access/operator-name.ts'
import { refuse } from '../access/refusal-page.ts'
import { refuseVisitor } from '../access/refuse-visitor.ts'
import { nulRemedy, withoutNul } from '../api/schema-parts.ts'
import type { Routes } from '../page-context.ts'
import { type OperatorViewer, viewerOf } from '../viewer.ts'
import { type ActionRequest, actionRequests } from './action-requests.ts'
import { actionsPage } from './actions-page.ts'
import { readArrangements } from './arrangements.ts'

const actionsOnPage = 100

export const actionRoutes: Routes = ({ pool }) => {
  const router = Router()
  const answer = async (request: Request, response: Response, { run, body }: ActionRequest, sent: unknown) => {
    const viewer = viewerOf(response)
    if (viewer.kind !== 'operator') return refuseVisitor(request, response)
    const parsed = body.strict().safeParse(sent)
    if (parsed.error) {
      const [issue] = parsed.error.issues
      refuse(request, response, 400, `${issue?.path.join('.') || 'The body'}: ${issue?.message}.`)
      return undefined
    }
    const operator = nameOf(viewer, parsed.data.by)
    if (operator === undefined) {
      refuse(
        request,
        response,
        400,
        'by: send a name with the token, of 1 to 100 visible characters, and none otherwise.',
      )
      return undefined
    }
    const { id, name } = request.params
    const subject = String(id ?? name ?? '')
    if (!withoutNul(subject)) {
      refuse(request, response, 400, `The path: ${nulRemedy.error}.`)
      return undefined
    }
    try {
      return await run(pool, { subject, body: parsed.data, operator })
    } catch (error) {
      if (!(error instanceof ActionRefusal)) throw error
      refuse(request, response, statuses[error.kind], error.message)
      return undefined
    }
  }
  for (const action of actionRequests) {
    const path = action.path.replace(/\{(\w+)\}/g, ':$1')
    router.post(`/api${path}`, only('application/json'), json, async (request, response) => {
      const reply = await answer(request, response, action, request.body ?? {})
      if (reply) response.json(reply)
    })
    router.post(`/actions${path}`, only('application/x-www-form-urlencoded'), form, async (request, response) => {
      const { next, ...fields } = Object(request.body)
      if (await answer(request, response, action, bodyOf(fields))) response.redirect(303, localPath(next))
    })
  }
  router.get('/actions', async (request, response) => {
    const viewer = viewerOf(response)
    if (viewer.kind !== 'operator') return void refuseVisitor(request, response)
    const { before } = request.query
    const last = typeof before === 'string' && /^[1-9]\d{0,8}$/.test(before) ? Number(before) : undefined
    const [actions, arrangements] = await Promise.all([
      readActions(pool, actionsOnPage + 1, last),
      readArrangements(pool),
    ])
    response.send(actionsPage(viewer, { actions, most: actionsOnPage, ...arrangements }))
  })
  return router
}

const statuses = { unknown: 404, conflict: 409, invalid: 400 } as const

/** The token has no name; whoever has one does not choose another. */
function nameOf({ name, means }: OperatorViewer, by: unknown): string | undefined {
  if (means !== 'token') return by === undefined ? name : undefined
  return typeof by === 'string' ? operatorName(by) : by === undefined ? name : undefined
}

/** A body is of this type; without one, the type may be absent. */
const only =
  (wanted: string): RequestHandler =>
  ({ headers }, response, next) => {
    const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
    const isEmpty = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0
    if (type === wanted || (type === undefined && isEmpty)) next()
    else refuse(response.req, response, 415, `Send the body as ${wanted}.`)
  }

const limit = '16kb'
const json = express.json({ limit })
const form = express.urlencoded({ extended: false, limit, parameterLimit: 1000 })

/** The fields of a form as the API's body: empty ones are absent, `checks` is a list, and times are in UTC. */
function bodyOf(fields: Record<string, unknown>): Record<string, unknown> {
  const filled = Object.entries(fields).filter(([, value]) => value !== '')
  return Object.fromEntries(
    filled.map(([name, value]) => {
      if (name === 'checks') return [name, [value].flat()]
      if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(value)) return [name, `${value}:00Z`]
      return [name, value]
    }),
  )
}
