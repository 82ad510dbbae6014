/** Defines the messages between a worker and the process that stores its ledger: a line of JSON each, over a socket. */
import type { Socket } from 'node:net'
import type { LedgerEntry } from './entry.ts'

/** A request to store entries. */
export interface StoreRequest {
  number: number
  entries: readonly LedgerEntry[]
}

/** The response to the request with this number: stored, or why not. */
export interface StoreResponse {
  number: number
  error?: string
}

export function writeMessage(socket: Socket, message: StoreRequest | StoreResponse): void {
  socket.write(`${JSON.stringify(message)}\n`)
}

/** Calls the listener with each message until the socket closes. */
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
