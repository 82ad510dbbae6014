/** Refuses what only operators can do or see. */
import type { Request, Response } from 'express'
import { viewerOf } from '../viewer.ts'
import { refuse } from './refusal-page.ts'

export function refuseVisitor(request: Request, response: Response): undefined {
  const viewer = viewerOf(response)
  const maySignIn = viewer.kind === 'public' && viewer.maySignIn === true
  refuse(
    request,
    response,
    maySignIn ? 401 : 403,
    maySignIn
      ? 'Only operators can do this. Sign in, or send the token.'
      : 'No one can do this: set REPRISE_OPERATOR_TOKEN.',
  )
}
