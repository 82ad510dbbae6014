/** Responds to a request that is refused: as JSON under `/api/`, else as a page. */
import type { Request, Response } from 'express'
import { html } from '../../../pages/html.ts'
import { Problem, sendProblem } from '../api/problem.ts'
import { layout } from '../layout.ts'
import { viewerOf } from '../viewer.ts'

/** @param text One or more sentences. */
export function refuse(request: Request, response: Response, status: number, text: string): void {
  response.status(status)
  if (status === 401) response.set('WWW-Authenticate', 'Bearer realm="Reprise"')
  if (request.path.startsWith('/api/')) {
    sendProblem(response, new Problem(status, text))
    return
  }
  const viewer = viewerOf(response)
  const maySignIn = viewer.kind === 'public' && viewer.maySignIn === true
  response.send(
    layout(viewer, {
      title: 'Refused',
      body: html`<main>
  <h1>${status === 404 ? 'Not found' : 'Refused'}</h1>
  <p>${text}</p>
  <p><a href="/">Status</a>${maySignIn && html` · <a href="/sign-in">Sign in</a>`}</p>
</main>`,
    }),
  )
}
