/** Sockets that read into one stretch of memory again and again. Node would allocate 64 KB for each read, however short. */
import { type OnReadOpts, Socket } from 'node:net'

const size = 65_536

/** Up to this many bytes are copied out of it. Who has read more keeps the stretch, and the next read gets another. */
const copied = 16_384

/** A socket for a connection that is still to be made. */
export function frugalSocket(): Socket {
  const options = { allowHalfOpen: false, onread: readingInto(chunk => socket.emit('data', chunk)) }
  const socket: Socket = new Socket(options)
  return socket
}

/**
 * Takes over the connection of a socket that a server has accepted and not read from yet (`pauseOnConnect`): use what is
 * returned in its place. Node offers no other way to say how such a connection is read.
 */
export function frugalSocketOf(accepted: Socket & { _handle?: unknown }): Socket {
  const { _handle: handle } = accepted
  if (!handle) return accepted
  accepted._handle = null
  const options = { allowHalfOpen: false, handle, onread: readingInto(chunk => socket.emit('data', chunk)) }
  const socket: Socket = new Socket(options)
  // The server counts the one that it has accepted.
  socket.once('close', () => accepted.destroy())
  return socket
}

function readingInto(take: (chunk: Buffer) => void): OnReadOpts {
  let memory = Buffer.allocUnsafeSlow(size)
  return {
    buffer: () => memory,
    callback: length => {
      const read = memory.subarray(0, length)
      if (length > copied) {
        memory = Buffer.allocUnsafeSlow(size)
        take(read)
      } else take(Buffer.from(read))
      return true
    },
  }
}
