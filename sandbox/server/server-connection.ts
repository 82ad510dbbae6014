/** A connection to the server that sends and receives protocol frames. */
import type { Duplex } from 'node:stream'
import { Backend, type ErrorFields, frame, readErrorFields } from '../protocol/backend-messages.ts'
import { FrameReader, type OnPlace } from '../protocol/frames.ts'
import { Frontend } from '../protocol/frontend-messages.ts'
import { CancelRequests } from './cancel-requests.ts'
import { logIn, type ServerLogin } from './login.ts'
import type { Receiver } from './receiver.ts'
import { ResponseReader, type ServerResponse } from './response-reader.ts'

/** The server does not keep up when more bytes than this are unsent, besides those in the system's buffers. */
const unread = 262_144

const streamed: ReadonlySet<number> = new Set([Backend.DataRow, Backend.CopyData])

export class ServerConnection {
  /** The ParameterStatus values of the startup, such as `server_version`. */
  readonly parameters: ReadonlyMap<string, string>
  /** Names of the prepared statements on this connection. */
  readonly prepared = new Set<string>()
  /** Why the connection was lost; undefined while it is open. */
  lost: Error | undefined
  receiver: Receiver | undefined
  onLost: ((reason: Error) => void) | undefined
  readonly cancels: CancelRequests
  readonly #socket: Duplex
  readonly #reader = new FrameReader(streamed)
  readonly #onPlace: OnPlace = (type, chunk, from, to) => {
    if (type === Backend.ErrorResponse) {
      const fields = readErrorFields(chunk.subarray(from, to))
      if (fields.severity === 'FATAL' || fields.severity === 'PANIC') this.#lastFatal = fields
    }
    this.receiver?.frame(type, chunk, from, to)
  }
  #lastFatal: ErrorFields | undefined

  private constructor({ stream, parameters, cancelAddress }: ServerLogin) {
    this.#socket = stream
    this.parameters = parameters
    this.cancels = new CancelRequests(cancelAddress, () => this.lost === undefined)
    stream.on('data', (chunk: Buffer) => this.#read(chunk))
    stream.on('drain', () => this.receiver?.drained?.())
    stream.on('error', error => this.#lose(error))
    stream.on('close', () => this.#lose(new Error('The server closed the connection.')))
  }

  /**
   * Connects and logs in. `options`: parameters of the connection, as `-c name=value`; `observe` gets the login parameters
   * before any message is sent. Throws the error of `pg` with the name of the database added.
   */
  static async connect(
    url: string,
    options?: string,
    observe?: (login: ServerLogin) => void,
  ): Promise<ServerConnection> {
    const login = await logIn(url, options)
    observe?.(login)
    return new ServerConnection(login)
  }

  /** Returns false if the server does not keep up. */
  write(bytes: Buffer): boolean {
    this.#socket.write(bytes)
    return this.#socket.writableLength < unread
  }

  /** Stops reading until `resume`. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** The last frame was delivered only in part. */
  get isMidFrame(): boolean {
    return this.#reader.isMidFrame
  }

  /** Sends a request that ends in one ReadyForQuery and waits for the response. Rejects if the connection is lost. */
  exchange(bytes: Buffer): Promise<ServerResponse> {
    const answer = this.answer()
    this.write(bytes)
    return answer
  }

  /** Reads the response up to the next ReadyForQuery. Rejects if the connection is lost. */
  answer(): Promise<ServerResponse> {
    return new Promise((resolve, reject) => {
      if (this.lost) {
        reject(this.lost)
        return
      }
      this.receiver = new ResponseReader(answer => {
        this.receiver = undefined
        resolve(answer)
      }, reject)
    })
  }

  /** Sends Terminate and waits until the connection is closed. */
  async end(): Promise<void> {
    if (this.lost) return
    this.#giveUp(new Error('The connection was ended.'))
    const closed = new Promise(resolve => this.#socket.once('close', resolve))
    this.#socket.end(frame(Frontend.Terminate))
    await closed
  }

  /** Closes the connection at once; the server rolls back an open transaction. */
  close(): void {
    this.#giveUp(new Error('The connection was closed.'))
    this.#socket.destroy()
  }

  // Rejects pending waits for a response.
  #giveUp(reason: Error): void {
    this.onLost = undefined
    if (this.lost) return
    this.lost = reason
    this.receiver?.lost(reason)
  }

  #read(chunk: Buffer): void {
    try {
      this.#reader.locate(chunk, this.#onPlace)
    } catch (error) {
      this.#lose(error instanceof Error ? error : new Error(String(error)))
      this.#socket.destroy()
      return
    }
    this.receiver?.settle?.()
  }

  #lose(error: Error): void {
    if (this.lost) return
    const fatal = this.#lastFatal
    this.lost = fatal ? new Error(`${fatal.message} (${fatal.code})`, { cause: error }) : error
    this.onLost?.(this.lost)
    this.receiver?.lost(this.lost)
  }
}
