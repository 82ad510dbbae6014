/** One physical connection to the server, spoken to in frames. */
import { createConnection } from 'node:net'
import type { Duplex } from 'node:stream'
import pg from 'pg'
import { Backend, type ErrorFields, frame, readErrorFields, type TransactionStatus } from './wire/backend.ts'
import { FrameReader, readString } from './wire/frames.ts'
import { type CancelKey, cancelRequest, copyFail, Frontend, query, sync } from './wire/frontend.ts'
import { RowReader } from './wire/rows.ts'

/** Takes the frames of the answer that is under way. */
export interface Receiver {
  frame(type: number, bytes: Buffer): void
  /** All frames of a chunk have been given. */
  settle?(): void
  /** The server takes more, after `write` has returned false. */
  drained?(): void
  /** No more will come. */
  lost(reason: Error): void
}

/** How a request ended: the status byte of its ReadyForQuery, the error if there was one, the rows as text, what was told beside. */
export type Answer = {
  status: TransactionStatus
  error?: ErrorFields
  rows: (string | null)[][]
  /** Frames. */
  notices: Buffer[]
  /** Frames that tell the values of settings. */
  reports: Buffer[]
}

/** A server that leaves more bytes than this unread, besides those that the system holds, does not keep up. */
const unread = 262_144

const streamed: ReadonlySet<number> = new Set([Backend.DataRow, Backend.CopyData])

export class Upstream {
  /** The parameters that the server reported at startup, such as `server_version`. */
  readonly parameters: ReadonlyMap<string, string>
  /** Names of the statements that are prepared on this connection. */
  readonly prepared = new Set<string>()
  /** Why the connection is no more. */
  lost: Error | undefined
  receiver: Receiver | undefined
  onLost: ((reason: Error) => void) | undefined
  /** Whether what runs now on the connection with this process id may be cancelled. */
  isTouchable: (processId: number) => Promise<boolean> = async () => true
  readonly #socket: Duplex
  readonly #reader = new FrameReader(streamed)
  readonly #cancelKey: CancelKey & { host: string; port: number }
  #cancelling: Promise<unknown> | undefined
  #lastFatal: ErrorFields | undefined

  private constructor(
    socket: Duplex,
    parameters: ReadonlyMap<string, string>,
    cancelKey: CancelKey & { host: string; port: number },
  ) {
    this.#socket = socket
    this.parameters = parameters
    this.#cancelKey = cancelKey
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('drain', () => this.receiver?.drained?.())
    socket.on('error', error => this.#lose(error))
    socket.on('close', () => this.#lose(new Error('The server closed the connection.')))
  }

  /**
   * Connects and logs in. `pg` does it, since it knows every way to authenticate; from then on the stream is ours.
   * `options`: settings of the connection, as `-c name=value`. Throws what `pg` throws, with the database named.
   */
  static async connect(url: string, options?: string): Promise<Upstream> {
    const client = new pg.Client({ connectionString: withOptions(url, options), connectionTimeoutMillis: 10_000 })
    const parameters = new Map<string, string>()
    let secretKey = 0
    let processId = 0
    client.connection.on('parameterStatus', (message: { parameterName: string; parameterValue: string }) => {
      parameters.set(message.parameterName, message.parameterValue)
    })
    client.connection.on('backendKeyData', (message: { processID: number; secretKey: number }) => {
      processId = message.processID
      secretKey = message.secretKey
    })
    try {
      await client.connect()
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`The sandbox cannot connect to the database "${client.database}": ${reason}`, { cause })
    }
    const socket = client.connection.stream
    for (const event of ['data', 'error', 'close', 'end', 'readable']) socket.removeAllListeners(event)
    return new Upstream(socket, parameters, { host: client.host, port: client.port, processId, secretKey })
  }

  /** False if the server does not keep up. */
  write(bytes: Buffer): boolean {
    this.#socket.write(bytes)
    return this.#socket.writableLength < unread
  }

  /** Reads nothing until `resume`. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** The last frame was given in part. */
  get isMidFrame(): boolean {
    return this.#reader.isMidFrame
  }

  /** Writes a request that ends in one ReadyForQuery and waits for it. Rejects if the connection is lost. */
  exchange(bytes: Buffer): Promise<Answer> {
    const answer = this.answer()
    this.write(bytes)
    return answer
  }

  /** Waits for the next ReadyForQuery and reads what comes before it. Rejects if the connection is lost. */
  answer(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.lost) {
        reject(this.lost)
        return
      }
      let error: ErrorFields | undefined
      const reader = new RowReader()
      const notices: Buffer[] = []
      const reports: Buffer[] = []
      this.receiver = {
        frame: (type, bytes) => {
          if (type === Backend.ErrorResponse) error ??= readErrorFields(bytes)
          else if (type === Backend.DataRow) reader.add(bytes)
          else if (type === Backend.NoticeResponse) notices.push(Buffer.from(bytes))
          else if (type === Backend.ParameterStatus) reports.push(Buffer.from(bytes))
          if (type !== Backend.ReadyForQuery) return
          this.receiver = undefined
          resolve({ status: statusOf(bytes), ...(error && { error }), rows: reader.rows, notices, reports })
        },
        lost: reject,
      }
    })
  }

  /**
   * Ends whatever is under way: a statement (`running`), a COPY that waits for data, a series without a Sync. Resolves when
   * the connection is ready for another request. Rejects if it is lost.
   */
  async interrupt(running: boolean): Promise<void> {
    // How many ReadyForQuery are still due depends on how far the server is. The last one follows an error that only this
    // text can cause; a server reports it even in a failed transaction.
    let markers = 0
    let isReady = false
    const mark = () => this.write(query(`reprise_client_has_gone_${++markers}`))
    const end = new Promise<void>((resolve, reject) => {
      let error: ErrorFields | undefined
      this.receiver = {
        frame: (type, bytes) => {
          if (type === Backend.ErrorResponse) error = readErrorFields(bytes)
          if (type !== Backend.ReadyForQuery) return
          isReady = true
          if (markers > 0 && error?.M.includes(`reprise_client_has_gone_${markers}"`)) {
            this.receiver = undefined
            resolve()
          } else if (markers > 0 && error?.C === '57014') mark()
          error = undefined
        },
        lost: reject,
      }
    })
    // It may come to nothing before it is awaited below.
    end.catch(() => undefined)
    // Where there is no COPY, a server drops the first of them.
    this.write(Buffer.concat([copyFail('The client has gone.'), sync]))
    // It may come so late that it hits the marker, which is repeated then.
    if (running) void this.cancel(() => !isReady)
    await this.#cancelling
    mark()
    await end
  }

  /** Cancel requests are on their way: until this resolves, they can hit whatever is written next. */
  get cancelling(): Promise<unknown> | undefined {
    return this.#cancelling
  }

  /**
   * Asks the server to cancel what runs, once that is nothing `untouchable`, and only while it `isWanted`. Resolves when the
   * server has passed the request on: from then on it has either hit, or is dropped, since a server drops one that finds it
   * reading the next request.
   */
  async cancel(isWanted: () => boolean): Promise<void> {
    const cancelling = Promise.all([this.#cancelling, this.#cancelWhenDue(isWanted)])
    this.#cancelling = cancelling
    await cancelling
    if (this.#cancelling === cancelling) this.#cancelling = undefined
  }

  async #cancelWhenDue(isWanted: () => boolean): Promise<void> {
    const isDue = () => isWanted() && !this.lost
    while (isDue() && !(await this.isTouchable(this.#cancelKey.processId).catch(() => true)));
    if (isDue()) await this.#requestCancel()
  }

  #requestCancel(): Promise<void> {
    const { host, port } = this.#cancelKey
    return new Promise(resolve => {
      const socket = host.startsWith('/') ? createConnection(`${host}/.s.PGSQL.${port}`) : createConnection(port, host)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => resolve())
      socket.end(cancelRequest(this.#cancelKey))
      socket.resume()
    })
  }

  /** Says goodbye and waits until the server has forgotten the connection. */
  async end(): Promise<void> {
    if (this.lost) return
    this.#giveUp(new Error('The connection was ended.'))
    const closed = new Promise(resolve => this.#socket.once('close', resolve))
    this.#socket.end(frame(Frontend.Terminate))
    await closed
  }

  /** Closes the connection at once; the server rolls back what was open. */
  close(): void {
    this.#giveUp(new Error('The connection was closed.'))
    this.#socket.destroy()
  }

  // Who still waits for an answer must not wait for ever.
  #giveUp(reason: Error): void {
    this.onLost = undefined
    if (this.lost) return
    this.lost = reason
    this.receiver?.lost(reason)
  }

  #read(chunk: Buffer): void {
    try {
      this.#reader.read(chunk, (type, bytes) => this.#take(type, bytes))
    } catch (error) {
      this.#lose(error instanceof Error ? error : new Error(String(error)))
      this.#socket.destroy()
      return
    }
    this.receiver?.settle?.()
  }

  #take(type: number, bytes: Buffer): void {
    if (type === Backend.ErrorResponse) {
      const fields = readErrorFields(bytes)
      if (fields.S === 'FATAL' || fields.S === 'PANIC') this.#lastFatal = fields
    }
    this.receiver?.frame(type, bytes)
  }

  #lose(error: Error): void {
    if (this.lost) return
    const fatal = this.#lastFatal
    this.lost = fatal ? new Error(`${fatal.M} (${fatal.C})`, { cause: error }) : error
    this.onLost?.(this.lost)
    this.receiver?.lost(this.lost)
  }
}

/** Adds to the options that the URL or the environment gives already, of which a driver takes only one. */
function withOptions(url: string, options: string | undefined): string {
  if (options === undefined) return url
  const to = new URL(url)
  const given = to.searchParams.get('options') ?? process.env.PGOPTIONS
  to.searchParams.set('options', [given, options].filter(Boolean).join(' '))
  return to.href
}

/** The status byte of a ReadyForQuery frame. */
export function statusOf(bytes: Buffer): TransactionStatus {
  const status = String.fromCharCode(bytes[5] ?? 0)
  return status === 'T' || status === 'E' ? status : 'I'
}

/** The tag of a CommandComplete frame, such as `INSERT 0 1`. */
export const tagOf = (bytes: Buffer): string => readString(bytes, 5).value
