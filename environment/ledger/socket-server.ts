/** Takes the ledger from workers, through a socket, and says when it is stored. */
import { createServer, type Socket } from 'node:net'
import type { LedgerStore } from './entry.ts'
import { onMessage, type StoreRequest, writeMessage } from './messages.ts'

export interface LedgerServer {
  /** Takes nothing more. */
  close(): Promise<void>
}

/** Throws when it cannot listen at the address, which only the owner of its folder can reach. */
export async function serveLedger(address: string, append: LedgerStore['append']): Promise<LedgerServer> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // Of a worker that was killed.
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
