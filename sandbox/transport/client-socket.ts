/** Connects a session to a client's socket. */

import type { Socket } from 'node:net'
import type { ClientPort } from './client-output.ts'
import { writeOn } from './reusable-buffer-socket.ts'

/** The client does not keep up when more bytes than this are unsent, besides those in the system's buffers. */
const unread = 262_144

/** Receives the events of a client's connection. */
export interface ClientInputs {
  receive(chunk: Buffer): void
  /** The bytes whose `send` returned false were written. */
  drained(): void
  /** The client sends nothing more. */
  disconnected(): void
}

/** Creates a session for the client: `open` gets the port of its socket. */
export function serveSocket(socket: Socket, open: (port: ClientPort) => ClientInputs): void {
  const session = open({
    send: bytes => {
      writeOn(socket, bytes)
      return socket.writableLength < unread
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => socket.end(),
  })
  socket.on('data', (chunk: Buffer) => session.receive(chunk))
  socket.on('drain', () => session.drained())
  socket.on('error', () => socket.destroy())
  // 'close' alone is not enough: it may never come for a client that does not read.
  socket.on('end', () => session.disconnected())
  socket.on('close', () => session.disconnected())
}
