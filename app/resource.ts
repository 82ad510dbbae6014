// Routes a path by method, with 405 for the others.
import type { RequestHandler, Router } from 'express'
import { Problem } from './problem.ts'

/** The handlers of a path by method, called in order. */
export type Methods = Partial<Record<'get' | 'post' | 'patch' | 'delete', RequestHandler[]>>

/** Routes `path` to the handlers of its methods; any other method is answered with 405 and `Allow`. */
export function resource(router: Router, path: string, methods: Methods): void {
  const route = router.route(path)
  if (methods.get) route.get(methods.get)
  if (methods.post) route.post(methods.post)
  if (methods.patch) route.patch(methods.patch)
  if (methods.delete) route.delete(methods.delete)
  route.all(refuse(allowed(methods)))
}

function allowed(methods: Methods): string {
  const named = Object.keys(methods).map(method => method.toUpperCase())
  return [...named, ...('get' in methods ? ['HEAD'] : []), 'OPTIONS'].join(', ')
}

function refuse(allow: string): RequestHandler {
  return (request, response) => {
    if (request.method === 'OPTIONS') {
      response.set('Allow', allow).sendStatus(204)
      return
    }
    throw new Problem(405, { detail: `${request.path} allows ${allow}.`, headers: { Allow: allow } })
  }
}
