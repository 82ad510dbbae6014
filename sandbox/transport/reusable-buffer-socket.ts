/** Makes sockets that read into the same memory again and again. Node would allocate 64 KB for each read, however short. */
import { type OnReadOpts, Socket } from 'node:net'

const size = 65_536

/** Up to this many bytes are copied out of a stretch of memory. Who has read more is lent the stretch. */
const copied = 16_384

/** How many stretches a socket keeps for its next reads. */
const kept = 8

/** What is lent until all of its bytes are given back, or are collected as garbage. */
interface Loan {
  bytesLeft: number
  end(): void
}

const loans = new WeakMap<ArrayBufferLike, Loan>()

/** A socket for a connection that is still to be made. */
export function reusableBufferSocket(): Socket {
  const options = { allowHalfOpen: false, onread: readingInto(chunk => socket.emit('data', chunk)) }
  const socket: Socket = new Socket(options)
  return socket
}

/**
 * Takes over the connection of a socket that a server has accepted and not read from yet (`pauseOnConnect`): use what is
 * returned in its place. Node offers no other way to say how such a connection is read.
 */
export function reusableBufferSocketOf(accepted: Socket & { _handle?: unknown }): Socket {
  const { _handle: handle } = accepted
  if (!handle) return accepted
  accepted._handle = null
  const options = { allowHalfOpen: false, handle, onread: readingInto(chunk => socket.emit('data', chunk)) }
  const socket: Socket = new Socket(options)
  // The server counts the one that it has accepted.
  socket.once('close', () => accepted.destroy())
  return socket
}

/**
 * Writes bytes that are used nowhere else. If one of these sockets has read them, it gets their memory back once they are written;
 * left to the garbage collector, a large answer would have it go through everything that the process holds, for each 64 MB.
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
