/** The in-memory end of a session that `pg` takes as its `stream`: what a socket would be, without the system calls. */
import { Duplex } from 'node:stream'

/** What stands at the other end: it takes bytes and is told when the client has gone. */
export type Peer = { receive(chunk: Buffer): void; disconnected(): void }

/** A `stream` for `pg.Client`: it answers `connect`, `setNoDelay`, `setKeepAlive`, `ref` and `unref` as a socket does. */
export class MemorySocket extends Duplex {
  readonly #peer: Peer

  constructor(peer: (socket: MemorySocket) => Peer) {
    super({ allowHalfOpen: false, decodeStrings: true })
    this.#peer = peer(this)
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
    // Bytes are pushed when they come; there is nothing to ask for.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#peer.receive(chunk)
    done()
  }

  override _writev(chunks: Array<{ chunk: Buffer }>, done: (error?: Error | null) => void): void {
    this.#peer.receive(Buffer.concat(chunks.map(({ chunk }) => chunk)))
    done()
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
}
