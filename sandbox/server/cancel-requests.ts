/** Sends cancel requests for what runs on one connection to the server. Each needs another connection. */

import { createConnection } from 'node:net'
import { type CancelKey, cancelRequest } from '../protocol/frontend-messages.ts'

/** The key of a connection, and where its server listens. */
export type CancelAddress = CancelKey & { host: string; port: number }

export class CancelRequests {
  /** Whether what runs now on the connection with this process id may be hit. */
  isTouchable: (processId: number) => Promise<boolean> = async () => true
  readonly #address: CancelAddress
  readonly #isOpen: () => boolean
  /** Some are on their way: until this resolves, they can hit whatever is written next. */
  underWay: Promise<unknown> | undefined

  /** `isOpen`: the connection that they are for is still there. */
  constructor(address: CancelAddress, isOpen: () => boolean) {
    this.#address = address
    this.#isOpen = isOpen
  }

  /**
   * Asks the server to cancel what runs, once that is touchable, and only while it `isWanted`. Resolves when the server has
   * passed the request on: from then on it has either hit, or is dropped, since a server drops one that finds it reading the
   * next request.
   */
  async send(isWanted: () => boolean): Promise<void> {
    const underWay = Promise.all([this.underWay, this.#sendWhenDue(isWanted)])
    this.underWay = underWay
    await underWay
    if (this.underWay === underWay) this.underWay = undefined
  }

  async #sendWhenDue(isWanted: () => boolean): Promise<void> {
    const isDue = () => isWanted() && this.#isOpen()
    while (isDue() && !(await this.isTouchable(this.#address.processId).catch(() => true)));
    if (isDue()) await deliver(this.#address)
  }
}

function deliver(address: CancelAddress): Promise<void> {
  const { host, port } = address
  return new Promise(resolve => {
    const socket = host.startsWith('/') ? createConnection(`${host}/.s.PGSQL.${port}`) : createConnection(port, host)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve())
    socket.end(cancelRequest(address))
    socket.resume()
  })
}
