/** Creates sockets that reuse their read buffers. Node would allocate 64 KB for each read, however short. */
import { type OnReadOpts, Socket } from 'node:net'

const size = 65_536

/**
 * Reads of at most this many bytes are copied out of the buffer; after a longer read, the buffer itself is lent to the
 * reader.
 */
const copied = 16_384

/** The number of free buffers that a socket keeps. */
const kept = 8

/** A buffer that is lent until all its bytes are returned or garbage-collected. */
interface Loan {
  bytesLeft: number
  end(): void
}

const loans = new WeakMap<ArrayBufferLike, Loan>()

/** Creates a socket that is not yet connected. */
export function reusableBufferSocket(): Socket {
  const options = { allowHalfOpen: false, onread: readingInto(chunk => socket.emit('data', chunk)) }
  const socket: Socket = new Socket(options)
  return socket
}

/**
 * Moves the connection of an accepted socket that has read nothing yet (`pauseOnConnect`) to a new socket: use that one
 * instead. Node has no other way to set how an accepted connection is read.
 */
export function reusableBufferSocketOf(accepted: Socket & { _handle?: unknown }): Socket {
  const { _handle: handle } = accepted
  if (!handle) return accepted
  accepted._handle = null
  const options = { allowHalfOpen: false, handle, onread: readingInto(chunk => socket.emit('data', chunk)) }
  const socket: Socket = new Socket(options)
  // The server counts its connections by the accepted socket.
  socket.once('close', () => accepted.destroy())
  return socket
}

/**
 * Writes bytes that are not used elsewhere. A buffer lent by one of these sockets returns to it after the write;
 * without that, a large result would cause a full garbage collection for each 64 MB.
 */
export function writeOn(socket: Socket, bytes: Buffer): void {
  if (bytes.length <= copied || !loans.has(bytes.buffer)) socket.write(bytes)
  else socket.write(bytes, error => error ?? giveBack(bytes))
}

function giveBack({ buffer, length }: Buffer): void {
  const loan = loans.get(buffer)
  if (!loan) return
  loan.bytesLeft -= length
  if (loan.bytesLeft > 0) return
  loans.delete(buffer)
  loan.end()
}

function readingInto(take: (chunk: Buffer) => void): OnReadOpts {
  const free: Buffer<ArrayBuffer>[] = []
  let memory = Buffer.allocUnsafeSlow(size)
  return {
    buffer: () => memory,
    callback: length => {
      const read = memory.subarray(0, length)
      if (length <= copied) take(Buffer.from(read))
      else {
        const lent = memory
        loans.set(lent.buffer, { bytesLeft: length, end: () => free.length < kept && free.push(lent) })
        memory = free.pop() ?? Buffer.allocUnsafeSlow(size)
        take(read)
      }
      return true
    },
  }
}
