/** What a worker and the one who keeps its ledger say to each other through a socket: a line of JSON each. */
import type { Socket } from 'node:net'
import type { LedgerEntry } from './entry.ts'

/** Asks for entries to be stored. */
export interface StoreRequest {
  number: number
  entries: readonly LedgerEntry[]
}

/** The entries of this number are stored, or why they are not. */
export interface StoreResponse {
  number: number
  error?: string
}

export function writeMessage(socket: Socket, message: StoreRequest | StoreResponse): void {
  socket.write(`${JSON.stringify(message)}\n`)
}

/** Listens for as long as the socket is open. */
export function onMessage<Message extends StoreRequest | StoreResponse>(
  socket: Socket,
  listener: (message: Message) => void,
): void {
  let rest = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) listener(JSON.parse(line))
  })
}
