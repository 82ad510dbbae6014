/** Sends the ledger's entries to the monitor over a socket; the monitor stores them and confirms it. */
import { connect, type Socket } from 'node:net'
import type { LedgerEntry, LedgerStore } from './entry.ts'
import { onMessage, type StoreResponse, writeMessage } from './messages.ts'

interface Waiting {
  resolve(): void
  reject(error: Error): void
}

export class SocketStore implements LedgerStore {
  readonly #address: string
  readonly #waiting = new Map<number, Waiting>()
  #socket: Socket | undefined
  #count = 0

  /** Connects at the first entry. */
  constructor(address: string) {
    this.#address = address
  }

  append(entries: readonly LedgerEntry[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const number = ++this.#count
      this.#waiting.set(number, { resolve, reject })
      this.#socket ??= this.#connect()
      writeMessage(this.#socket, { number, entries })
    })
  }

  close(): void {
    this.#socket?.destroy()
  }

  #connect(): Socket {
    const socket = connect(this.#address)
    let cause: Error | undefined
    onMessage<StoreResponse>(socket, ({ number, error }) => {
      const waiting = this.#waiting.get(number)
      this.#waiting.delete(number)
      if (error === undefined) waiting?.resolve()
      else waiting?.reject(new Error(error))
    })
    socket.on('error', error => {
      cause = error
    })
    socket.on('close', () => {
      this.#socket = undefined
      const reason = cause?.message ?? 'the connection was closed'
      for (const { reject } of this.#waiting.values()) {
        reject(
          new Error(`The ledger cannot be written in the monitor, so that nothing is created: ${reason}.`, { cause }),
        )
      }
      this.#waiting.clear()
    })
    return socket
  }
}
