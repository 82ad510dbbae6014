/** Viewer: who has sent a request. */
import type { Response } from 'express'

export type Viewer = PublicViewer | OperatorViewer

interface PublicViewer {
  kind: 'public'
  /** There is a token to sign in with. */
  maySignIn?: boolean
}

export interface OperatorViewer {
  kind: 'operator'
  name: string
  /** What the request was authenticated with: the cookie of a session, the token itself, or a proxy's identity header. */
  means?: 'session' | 'token' | 'proxy'
}

/** Of the request that this responds to. */
export function viewerOf(response: Response): Viewer {
  return response.locals.viewer ?? { kind: 'public' }
}
