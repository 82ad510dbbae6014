/** Sends cancel requests for one server connection; each needs a connection of its own. */

import { createConnection } from 'node:net'
import { type CancelKey, cancelRequest } from '../protocol/frontend-messages.ts'

/** The cancel key of a connection, and the address of its server. */
export type CancelAddress = CancelKey & { host: string; port: number }

export class CancelRequests {
  /** Whether the statement that this backend runs now may be cancelled. */
  isTouchable: (processId: number) => Promise<boolean> = async () => true
  readonly #address: CancelAddress
  readonly #isOpen: () => boolean
  /** Pending requests: until this resolves, they can cancel whatever is sent next. */
  underWay: Promise<unknown> | undefined

  /** `isOpen`: whether the connection to cancel on still exists. */
  constructor(address: CancelAddress, isOpen: () => boolean) {
    this.#address = address
    this.#isOpen = isOpen
  }

  /**
   * Asks the server to cancel the running statement, once that `isTouchable` and only while the request `isWanted`.
   * Resolves when the server has processed it: it has then either taken effect or will never, since a server ignores a
   * cancel request while it reads the next message.
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
