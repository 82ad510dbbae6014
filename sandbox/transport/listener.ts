/** Listens for clients in other processes: on a TCP port, a unix socket, or both with one number. */

import { createServer, type Server, type Socket } from 'node:net'
import { reusableBufferSocketOf } from './reusable-buffer-socket.ts'
import { listenOnUnixSocket } from './unix-socket.ts'

export interface Places {
  /** A TCP port; 0 for any free one. */
  tcp?: { host: string; port: number } | undefined
  /** The folder of a unix socket. */
  socketFolder?: string | undefined
}

/** Any free port on the loopback interface. */
export const loopback = { host: '127.0.0.1', port: 0 }

/** The user, password and database of a URL. */
export type Login = { user: string; password: string; database: string }

/** The port number of a unix socket without a TCP port. */
const defaultPort = 5432

export class Listener {
  readonly #places: Places
  readonly #onSocket: (socket: Socket) => void
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()
  #port = defaultPort
  #removeFolder: (() => Promise<void>) | undefined

  /** `onSocket` is called with each new client connection. */
  constructor(places: Places, onSocket: (socket: Socket) => void) {
    this.#places = places
    this.#onSocket = onSocket
  }

  /**
   * Starts to listen; this does not keep the process alive. Throws an error with the address and the remedy when it
   * cannot. Call `close` in that case too.
   */
  async open(): Promise<void> {
    const { tcp, socketFolder } = this.#places
    if (tcp) this.#port = await listenOnPort(this.#createServer(), tcp)
    if (socketFolder === undefined) return
    this.#removeFolder = await listenOnUnixSocket(this.#createServer(), socketFolder, this.#port)
  }

  /** The URL of the TCP port, if it listens on one. */
  tcpUrl(login: Login): string | undefined {
    return this.#places.tcp && urlOf(login, this.#places.tcp.host, this.#port)
  }

  /** The URL of the unix socket, if it listens on one, in the form that libpq, `pg` and Prisma accept. */
  socketUrl(login: Login): string | undefined {
    const { socketFolder } = this.#places
    if (socketFolder === undefined) return undefined
    return `${urlOf(login, 'localhost', this.#port)}?host=${encodeURIComponent(socketFolder).replaceAll('%2F', '/')}`
  }

  /** Disconnects all clients and stops listening. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(this.#servers.map(server => new Promise(resolve => server.close(resolve))))
    await this.#removeFolder?.()
  }

  /** Stops listening but keeps the clients' sockets open; they do not keep the process alive. */
  async stopListening(): Promise<void> {
    for (const socket of this.#sockets) socket.unref()
    // Not awaited: `close` calls back only after all clients have disconnected.
    for (const server of this.#servers) server.close()
    await this.#removeFolder?.()
  }

  #createServer(): Server {
    const server = createServer({ noDelay: true, pauseOnConnect: true }, accepted => {
      const socket = reusableBufferSocketOf(accepted)
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      this.#onSocket(socket)
      socket.resume()
    })
    server.unref()
    this.#servers.push(server)
    return server
  }
}

/** Resolves with the port, which the system has chosen if it was 0. */
function listenOnPort(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', cause => {
      reject(new Error(`Cannot listen on ${host}:${port}: ${cause.message}. Choose another host or port.`, { cause }))
    })
    server.listen(port, host, () => {
      const address = server.address()
      resolve(address && typeof address === 'object' ? address.port : port)
    })
  })
}

function urlOf({ user, password, database }: Login, host: string, port: number): string {
  const [name, secret, path] = [user, password, database].map(encodeURIComponent)
  return `postgres://${name}:${secret}@${host.includes(':') ? `[${host}]` : host}:${port}/${path}`
}
