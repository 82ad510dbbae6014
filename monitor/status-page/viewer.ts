/** Viewer: who has sent a request. */
import type { Response } from 'express'

export type Viewer = { kind: 'public' } | { kind: 'operator'; name: string }

/** Of the request that this responds to. */
export function viewerOf(response: Response): Viewer {
  return response.locals.viewer ?? { kind: 'public' }
}
