/** The in-memory end of a session that a client takes as its stream: what a socket would be, without the system calls. */
import { Duplex } from 'node:stream'
import type { Port } from './output.ts'

/** What stands at the other end: it takes bytes and is told when the client reads on, and when it has gone. */
export type Peer = { receive(chunk: Buffer): void; drained(): void; disconnected(): void }

/** Up to this many bytes, what was written together is handed on together. */
const joined = 65_536

/** A `stream` for `pg.Client`, a `socket` for postgres.js: it answers what they ask of a socket, and is connected already. */
export class MemorySocket extends Duplex {
  readonly #peer: Peer
  #isHeld = false
  /** Goes on with what the client has written. */
  #onReleased: (() => void) | undefined

  /** `open` makes the peer, which is given the port to this socket. */
  constructor(open: (port: Port) => Peer) {
    super({ allowHalfOpen: false, decodeStrings: true })
    this.#peer = open({
      send: bytes => this.push(bytes),
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

  override _read(): void {
    // Bytes are pushed when they come; this tells that there is room for more.
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

  #handOn(chunks: Buffer[], done: () => void): void {
    for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) {
      this.#peer.receive(chunk)
      if (!this.#isHeld) continue
      this.#onReleased = () => this.#handOn(chunks, done)
      return
    }
    done()
  }

  #release(): void {
    this.#isHeld = false
    // Not at once: who releases it is in the middle of what the client has written before.
    queueMicrotask(() => {
      if (this.#isHeld) return
      const proceed = this.#onReleased
      this.#onReleased = undefined
      proceed?.()
    })
  }
}
