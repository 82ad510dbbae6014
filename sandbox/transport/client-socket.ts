/** Connects a session with a client on a socket. */

import type { Socket } from 'node:net'
import type { ClientPort } from './client-output.ts'
import { writeOn } from './reusable-buffer-socket.ts'

/** A client that leaves more bytes than this unread, besides those that the system holds, does not keep up. */
const unread = 262_144

/** What takes what comes from a client. */
export interface ClientInputs {
  receive(chunk: Buffer): void
  /** The client has read what was held back. */
  drained(): void
  /** Nothing more comes. */
  disconnected(): void
}

/** Makes a session of the client; `open` is given the port of its socket. */
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
  // Not only when it is closed, which may be never where the client does not read.
  socket.on('end', () => session.disconnected())
  socket.on('close', () => session.disconnected())
}
