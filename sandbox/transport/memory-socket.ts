/** An in-memory socket: the `stream` of a client in this process, without system calls. */
import { Duplex } from 'node:stream'
import type { ClientPort } from './client-output.ts'

/** The session's end: receives bytes, and is notified when the client has read or disconnected. */
export type Peer = { receive(chunk: Buffer): void; drained(): void; disconnected(): void }

/** Chunks of one `writev` are concatenated up to this many bytes. */
const joined = 65_536

/**
 * A `stream` for `pg.Client` or a `socket` for postgres.js: it has the socket methods that they call, and is connected
 * at once.
 */
export class MemorySocket extends Duplex {
  readonly #peer: Peer
  #isHeld = false
  #isReceiving = false
  /** Continues to deliver what the client has written. */
  #onFree: (() => void) | undefined

  /** `open` creates the peer, and gets the port of this socket. */
  constructor(open: (port: ClientPort) => Peer) {
    super({ allowHalfOpen: false, decodeStrings: true })
    this.#peer = open({
      send: bytes => this.#give(bytes),
      pause: () => {
        this.#isHeld = true
      },
      resume: () => this.#release(),
      end: () => this.destroy(),
    })
  }

  get readyState(): 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.readable && this.writable) return 'open'
    if (this.readable) return 'readOnly'
    return this.writable ? 'writeOnly' : 'closed'
  }

  connect(): this {
    queueMicrotask(() => this.emit('connect'))
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  /** Like `Duplex.write`, but delivers the chunk directly when nothing is queued before it. */
  override write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    const isPlain = Buffer.isBuffer(chunk) && encoding === undefined && callback === undefined
    if (!isPlain || !this.#isFree || !this.writable || this.writableLength > 0 || this.writableCorked > 0) {
      return super.write(chunk, encoding as BufferEncoding, callback as () => void)
    }
    this.#receive(chunk)
    this.#goOn()
    return true
  }

  /** Returns false if the client does not keep up. */
  #give(bytes: Buffer): boolean {
    if (!this.readableFlowing || this.readableLength > 0 || this.readableEncoding !== null || !this.readable) {
      return this.push(bytes)
    }
    this.emit('data', bytes)
    return true
  }

  #receive(chunk: Buffer): void {
    this.#isReceiving = true
    try {
      this.#peer.receive(chunk)
    } finally {
      this.#isReceiving = false
    }
  }

  override _read(): void {
    // Bytes are pushed as they arrive; a call means that there is room for more.
    this.#peer.drained()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#handOn([chunk], done)
  }

  override _writev(chunks: Array<{ chunk: Buffer }>, done: (error?: Error | null) => void): void {
    const buffers = chunks.map(({ chunk }) => chunk)
    const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0)
    this.#handOn(length > joined ? buffers : [Buffer.concat(buffers)], done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#peer.disconnected()
    this.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#peer.disconnected()
    done(error)
  }

  /** The peer can receive a chunk now. */
  get #isFree(): boolean {
    return !this.#isHeld && !this.#isReceiving
  }

  #handOn(chunks: Buffer[], done: () => void): void {
    while (this.#isFree) {
      const chunk = chunks.shift()
      if (!chunk) {
        done()
        return
      }
      this.#receive(chunk)
    }
    this.#onFree = () => this.#handOn(chunks, done)
  }

  #release(): void {
    this.#isHeld = false
    // Deferred: the caller is still processing an earlier chunk.
    queueMicrotask(() => this.#goOn())
  }

  #goOn(): void {
    if (!this.#isFree) return
    const proceed = this.#onFree
    this.#onFree = undefined
    proceed?.()
  }
}
