/** A client that sends protocol messages and records the responses as text. */
import type { Duplex } from 'node:stream'
import pg from 'pg'
import { Backend } from '../protocol/backend-messages.ts'
import { FrameReader } from '../protocol/frames.ts'
import { type CancelKey, Frontend, sync } from '../protocol/frontend-messages.ts'
import { lineOf } from './message-text.ts'

/** The timeout for a response, in milliseconds: longer than any wait for the connection lock on a busy machine. */
const patience = 12_000

export class WireClient {
  readonly cancelKey: CancelKey
  readonly #socket: Duplex
  readonly #reader = new FrameReader()
  #lines: string[] = []
  #readyCount = 0
  #onReady: (() => void) | undefined
  #ended = false

  private constructor(socket: Duplex, cancelKey: CancelKey) {
    this.#socket = socket
    this.cancelKey = cancelKey
    socket.on('data', (chunk: Buffer) => this.#reader.read(chunk, (type, bytes) => this.#take(type, bytes)))
    socket.on('close', () => this.#end())
    socket.on('error', () => this.#end())
  }

  /** Logs in through `pg`, then takes over its stream. */
  static async connect(url: string): Promise<WireClient> {
    const client = new pg.Client(url)
    let cancelKey: CancelKey = { processId: 0, secretKey: 0 }
    client.connection.on('backendKeyData', (message: { processID: number; secretKey: number }) => {
      cancelKey = { processId: message.processID, secretKey: message.secretKey }
    })
    await client.connect()
    const socket = client.connection.stream
    for (const event of ['data', 'error', 'close', 'end']) socket.removeAllListeners(event)
    return new WireClient(socket, cancelKey)
  }

  /**
   * Sends the messages and waits for `due` ReadyForQuery messages (by default one for each Query, FunctionCall and
   * Sync) or the end of the connection. Returns the received messages, one per line; a last line reports a timeout or
   * the end of the connection.
   */
  async send(messages: readonly Buffer[], due = messages.filter(isAnsweredByReady).length): Promise<string[]> {
    const ready = this.#ready(this.#readyCount + due)
    this.#socket.write(Buffer.concat(messages))
    await ready
    const lines = this.#lines
    this.#lines = []
    return lines
  }

  /** The messages received since the last `send`. */
  get answered(): string {
    return this.#lines.join('\n')
  }

  close(): void {
    this.#socket.destroy()
  }

  #ready(count: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(() => {
        this.#lines.push(`(no answer for ${patience / 1000} s)`)
        this.#onReady = undefined
        resolve()
      }, patience)
      const check = () => {
        if (this.#readyCount < count && !this.#ended) return
        clearTimeout(timer)
        this.#onReady = undefined
        resolve()
      }
      this.#onReady = check
      check()
    })
  }

  #take(type: number, bytes: Buffer): void {
    this.#lines.push(lineOf(type, bytes))
    if (type !== Backend.ReadyForQuery) return
    this.#readyCount++
    this.#onReady?.()
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#lines.push('(closed)')
    this.#onReady?.()
  }
}

const isAnsweredByReady = (message: Buffer): boolean =>
  message.equals(sync) || message[0] === Frontend.Query || message[0] === Frontend.FunctionCall
