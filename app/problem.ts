// Defines the errors that clients see: RFC 9457 problem documents.
import { STATUS_CODES } from 'node:http'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import { isDatabaseAway } from './database-away.ts'

/** One fault of a request: at a JSON pointer in its body, or in a query parameter. */
export interface Fault {
  pointer?: string
  parameter?: string
  detail: string
}

interface ProblemMembers {
  detail: string
  /** A URI by which clients distinguish problems; `about:blank` (the default) means the status only. */
  type?: string
  title?: string
  errors?: Fault[]
  headers?: Record<string, string>
}

/** An error for the client: thrown in a handler, and sent as a problem document. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly type: string
  readonly title: string
  readonly errors: Fault[] | undefined
  readonly headers: Record<string, string>

  constructor(status: number, members: ProblemMembers) {
    super(members.detail)
    this.status = status
    this.type = members.type ?? 'about:blank'
    this.title = members.title ?? STATUS_CODES[status] ?? 'Error'
    this.errors = members.errors
    this.headers = members.headers ?? {}
  }
}

/** The last handler, for paths without a route. */
export const unknownPath: RequestHandler = request => {
  throw new Problem(404, { detail: `There is nothing at ${request.path}.` })
}

/** The error handler: sends any error as a problem document, without details of internal errors. */
export const problemHandler: ErrorRequestHandler = (error, request, response, next) => {
  // After the headers, Express can only close the connection, which the client notices.
  if (response.headersSent) return next(error)
  const problem = toProblem(error)
  // The request log has this error, with its stack.
  if (problem.status >= 500) response.err = error
  response
    .status(problem.status)
    .set({ 'Cache-Control': 'no-store', ...problem.headers })
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: problem.type,
        title: problem.title,
        status: problem.status,
        detail: problem.message,
        instance: request.originalUrl,
        requestId: request.id,
        errors: problem.errors,
      }),
    )
}

/** Converts an error of the app, of Express or of the database to a problem. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  const status = clientErrorStatus(error)
  if (status !== undefined && error instanceof Error) return new Problem(status, { detail: error.message })
  if (isDatabaseAway(error)) {
    return new Problem(503, {
      detail: 'The database is not available at the moment. Try again shortly.',
      headers: { 'Retry-After': '5' },
    })
  }
  return new Problem(500, { detail: 'The service failed. The error is logged with this requestId.' })
}

/** Express, its router and its body parsers mark errors of the client by a 4xx `status`. */
function clientErrorStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined
  const { status } = error
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined
}
