/** Receives the ledger's entries from workers over a socket, and confirms when they are stored. */
import { createServer, type Socket } from 'node:net'
import type { LedgerStore } from './entry.ts'
import { onMessage, type StoreRequest, writeMessage } from './messages.ts'

export interface LedgerServer {
  /** Stops receiving. */
  close(): Promise<void>
}

/** Listens at the address, which only the owner of its folder can reach. Throws if it cannot listen there. */
export async function serveLedger(address: string, append: LedgerStore['append']): Promise<LedgerServer> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // The worker may have been killed.
    socket.on('error', () => undefined)
    onMessage<StoreRequest>(socket, ({ number, entries }) => {
      append(entries).then(
        () => writeMessage(socket, { number }),
        (error: Error) => writeMessage(socket, { number, error: error.message }),
      )
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, resolve)
  })
  return {
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
