/** LimitedServer: an HTTP server that its clients cannot exhaust, which may listen before it has an application. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export interface LimitedServer {
  /** Listens nowhere yet. */
  readonly server: Server
  /** Sets the listener that handles requests from now on; before, the response is 503. */
  show(listener: RequestListener): void
  /** Accepts no more requests; pending ones get a short time to end. */
  close(): Promise<void>
}

/** ServerLimits: what clients may use up. Times are in milliseconds. */
export interface ServerLimits {
  /** Until a request's headers have arrived. */
  headersMs: number
  /** Until a whole request has arrived. */
  requestMs: number
  /** How long a connection stays open for another request. */
  idleMs: number
  /** How long a client may leave what was sent to it unread. */
  unreadMs: number
  /** Further connections are closed. */
  connections: number
}

const usualLimits: ServerLimits = {
  headersMs: 10_000,
  requestMs: 20_000,
  idleMs: 5000,
  unreadMs: 30_000,
  connections: 2000,
}

/** Of a request's path, query and headers together. */
const maxHeaderBytes = 16_384

/** How many requests a client may send on a connection before the first is answered; browsers send one. */
const mostPipelined = 16

const graceMs = 2000

/** Of responses that no route makes. */
const bareHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

export function createLimitedServer(limits: ServerLimits = usualLimits): LimitedServer {
  let answer: RequestListener = (_request, response) => {
    response
      .writeHead(503, { ...bareHeaders, 'content-type': 'text/plain', 'retry-after': '1' })
      .end('The monitor is starting.\n')
  }
  /** How many requests of a connection are not answered yet. */
  const unanswered = new WeakMap<Socket, number>()
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: Math.min(limits.headersMs, limits.requestMs) / 2,
      maxHeaderSize: maxHeaderBytes,
    },
    (request, response) => {
      const { socket } = request
      const waiting = (unanswered.get(socket) ?? 0) + 1
      if (waiting > mostPipelined) {
        socket.destroy()
        return
      }
      unanswered.set(socket, waiting)
      response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1))
      answer(request, response)
    },
  )
  server.maxConnections = limits.connections
  server.on('clientError', refuseUnreadable)
  // Called where nothing was sent or received for a while. A response that is still being made, or a stream without news,
  // goes on; what a client leaves unread would stay in this process's memory.
  server.setTimeout(limits.unreadMs, (socket: Socket) => {
    if (socket.writableLength > 0 || !unanswered.get(socket)) socket.destroy()
  })
  return {
    server,
    show: listener => {
      answer = listener
    },
    close: async () => {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      await Promise.race([closed, pause(graceMs, undefined, { ref: false })])
      server.closeAllConnections()
      await closed
    },
  }
}

/** Answers what is no request, is too large or takes too long, of which no route knows. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = statuses.get(error.code ?? '') ?? 400
  const headers = { ...bareHeaders, 'content-length': '0', connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  // Destroyed at once: the client may go on sending.
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`, () => socket.destroy())
}

const statuses = new Map([
  ['HPE_HEADER_OVERFLOW', 431],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
])
