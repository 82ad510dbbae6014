// Logs one line per request, with an id that the client gets too.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { type HttpLogger, pinoHttp } from 'pino-http'

/** Logs each request except health checks, and sets `X-Request-Id` in the response. */
export function requestLog(logger: Logger): HttpLogger {
  return pinoHttp({
    logger,
    genReqId: giveId,
    customLogLevel: (_request, response, error) => (error || response.statusCode >= 500 ? 'error' : 'info'),
    autoLogging: { ignore: request => request.url === '/healthz' || request.url === '/readyz' },
    serializers: { req: describeRequest, res: describeResponse },
  })
}

function giveId(request: IncomingMessage, response: ServerResponse): string {
  const given = request.headers['x-request-id']
  // The id is written to logs and headers: anything but a short token of plain characters is replaced.
  const id = typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID()
  response.setHeader('X-Request-Id', id)
  return id
}

/** Without headers and query, which contain credentials and email addresses. */
function describeRequest({ id, method, url }: { id: unknown; method: string; url: string }): object {
  return { id, method, path: url.split('?', 1)[0] }
}

function describeResponse({ statusCode }: { statusCode: number }): object {
  return { statusCode }
}
