/** Responds where no route does: to unknown paths, other methods, requests that cannot be read, and without a database. */
import type { ErrorRequestHandler, RequestHandler, Router } from 'express'
import { refuse } from './access/refusal-page.ts'
import { Problem, sendProblem } from './api/problem.ts'
import { notFoundPage, unavailablePage } from './pages.ts'
import { viewerOf } from './viewer.ts'

const isApi = (path: string) => path.startsWith('/api/')

/** Adds a route to the router for each path of the others, for the methods that they lack. */
export function refuseOtherMethods(router: Router, others: readonly Router[]): void {
  const routes = others.flatMap(({ stack }) => stack.flatMap(({ route }) => route ?? []))
  const allowed = new Map<string, Set<string>>()
  for (const { path, stack } of routes) {
    const methods = allowed.get(path) ?? new Set()
    for (const { method } of stack) methods.add(method.toUpperCase())
    allowed.set(path, methods)
  }
  for (const [path, methods] of allowed) {
    if (methods.has('GET')) methods.add('HEAD')
    router.all(path, notAllowed([...methods].sort()))
  }
}

function notAllowed(methods: readonly string[]): RequestHandler {
  const allowed = methods.join(', ')
  return (request, response, next) => {
    const { method } = request
    // The route has found nothing.
    if (methods.includes(method)) return next()
    response.set('Allow', allowed)
    if (method === 'OPTIONS') response.status(204).end()
    else refuse(request, response, 405, `This address does not answer ${method}; it answers ${allowed}.`)
  }
}

export const notFound: RequestHandler = ({ path }, response) => {
  if (isApi(path)) sendProblem(response, new Problem(404, 'There is nothing at this path; see /api/openapi.json.'))
  else response.status(404).send(notFoundPage(viewerOf(response)))
}

/** @param onError Called for a request whose response is 503, without the reason. */
export function failed(onError: (error: Error) => void): ErrorRequestHandler {
  // Express recognizes an error handler by its four parameters.
  return (error, request, response, _next) => {
    // Postgres has refused a value (class 22, Data Exception), which comes from the request.
    const status: unknown = /^22\w{3}$/.test(error.code) ? 400 : error.status
    if (response.headersSent) {
      onError(error)
      // The response that has begun cannot become another one; an incomplete one must not look complete.
      response.destroy()
    } else if (typeof status === 'number' && status < 500) refuse(request, response, status, remedyOf(status))
    else {
      onError(error)
      response.set('Retry-After', '5')
      const detail = "The monitor's database cannot be read at present. Try again."
      if (isApi(request.path)) sendProblem(response, new Problem(503, detail))
      else response.status(503).send(unavailablePage(viewerOf(response)))
    }
  }
}

/** Of an error of the client, whose own message may quote what it has sent. */
function remedyOf(status: number): string {
  if (status === 413) return 'The body is too large; send less.'
  if (status === 415) return 'The body is not readable; send it as JSON in UTF-8, without compression.'
  return 'The request cannot be read; check its path and its body.'
}
