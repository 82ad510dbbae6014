/** For tests: a client that sends messages of the wire protocol and writes down what comes back, in words. */
import type { Duplex } from 'node:stream'
import pg from 'pg'
import { Backend, readErrorFields } from './wire/backend.ts'
import { FrameReader } from './wire/frames.ts'
import { type CancelKey, Frontend, sync } from './wire/frontend.ts'

const names = new Map<number, string>(Object.entries(Backend).map(([name, type]) => [type, name]))

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

  /** Connects as `pg` does, and takes the connection over once it is logged in. */
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
   * Sends the messages and waits for `due` ReadyForQuery, one for each Query and each Sync if nothing else is said, or for
   * the end of the connection. Returns what came, a line a message.
   */
  async send(
    messages: readonly Buffer[],
    due = messages.filter(message => message === sync || message[0] === Frontend.Query).length,
  ): Promise<string[]> {
    const ready = this.#ready(this.#readyCount + due)
    this.#socket.write(Buffer.concat(messages))
    await ready
    const lines = this.#lines
    this.#lines = []
    return lines
  }

  /** What has come and was not returned by `send` yet. */
  get answered(): string {
    return this.#lines.join('\n')
  }

  close(): void {
    this.#socket.destroy()
  }

  #ready(count: number): Promise<void> {
    return new Promise(resolve => {
      const check = () => {
        if (this.#readyCount < count && !this.#ended) return
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

function lineOf(type: number, bytes: Buffer): string {
  const name = names.get(type) ?? `0x${type.toString(16)}`
  if (type === Backend.ErrorResponse || type === Backend.NoticeResponse) {
    const { S, C, M, P } = readErrorFields(bytes)
    return `${name} ${S} ${C} ${M}${P ? ` at ${P}` : ''}`
  }
  if (type === Backend.NotificationResponse) return `${name} ${bytes.toString('utf8', 9).split('\0').join(' ').trim()}`
  const printable = bytes
    .subarray(5)
    .toString('latin1')
    .replace(/[^\x20-\x7e]+/g, '.')
  // Object ids in a row's description differ between databases.
  return type === Backend.RowDescription ? name : `${name} ${printable}`
}
