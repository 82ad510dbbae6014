/** Messages of the client: their types, encoders for those that the sandbox sends, readers, and renaming. */
import { frame } from './backend-messages.ts'
import { readValues } from './data-rows.ts'
import { MalformedMessage, readString } from './frames.ts'

/** Message types, the first byte of a frame. https://www.postgresql.org/docs/current/protocol-message-formats.html */
export const Frontend = {
  Bind: 0x42,
  Close: 0x43,
  CopyData: 0x64,
  CopyDone: 0x63,
  CopyFail: 0x66,
  Describe: 0x44,
  Execute: 0x45,
  Flush: 0x48,
  FunctionCall: 0x46,
  Parse: 0x50,
  Password: 0x70,
  Query: 0x51,
  Sync: 0x53,
  Terminate: 0x58,
} as const

/** A message as received, type and length included. */
export type ClientFrame = { type: number; bytes: Buffer }

/** The request codes that take the place of the protocol version in a packet of the startup phase. */
export const startupCode = { cancel: 80877102, ssl: 80877103, gss: 80877104 } as const

export const sync = frame(Frontend.Sync)
export const flush = frame(Frontend.Flush)
export const query = (sql: string): Buffer => frame(Frontend.Query, `${sql}\0`)
/** A Parse message without declared parameter types. */
export const parse = (name: string, sql: string): Buffer => frame(Frontend.Parse, `${name}\0${sql}\0\0\0`)
/** Binds a statement without parameters to the unnamed portal and executes it. */
export const bindAndExecute = (statement: string): Buffer =>
  Buffer.concat([
    frame(Frontend.Bind, `\0${statement}\0\0\0\0\0\0\0`),
    frame(Frontend.Execute, Buffer.from([0, 0, 0, 0, 0])),
  ])
/** Prepares and executes a statement without parameters under its own name. The server sends `runAsideAnswers` messages. */
export const runAside = (name: string, sql: string): Buffer =>
  Buffer.concat([
    // They exist if an error occurred before.
    closePortal(name),
    closeStatement(name),
    parse(name, sql),
    frame(Frontend.Bind, `${name}\0${name}\0\0\0\0\0\0\0`),
    frame(Frontend.Execute, `${name}\0\0\0\0\0`),
    closePortal(name),
  ])
export const runAsideAnswers = 6
export const closeStatement = (name: string): Buffer => frame(Frontend.Close, `S${name}\0`)
export const closePortal = (name: string): Buffer => frame(Frontend.Close, `P${name}\0`)
export const copyFail = (reason: string): Buffer => frame(Frontend.CopyFail, `${reason}\0`)

/** The key that a cancel request needs; the server sends it at startup (BackendKeyData). */
export type CancelKey = { processId: number; secretKey: number }

/** The CancelRequest packet, which is sent on a connection of its own in place of a startup packet. */
export function cancelRequest({ processId, secretKey }: CancelKey): Buffer {
  const packet = Buffer.alloc(16)
  packet.writeInt32BE(16, 0)
  packet.writeInt32BE(startupCode.cancel, 4)
  packet.writeInt32BE(processId, 8)
  packet.writeInt32BE(secretKey, 12)
  return packet
}

/** Reads the key of a CancelRequest packet; undefined if it is incomplete. */
export function readCancelRequest(packet: Buffer): CancelKey | undefined {
  if (packet.length !== 16) return undefined
  return { processId: packet.readInt32BE(8), secretKey: packet.readInt32BE(12) }
}

/** Reads the name and the text of a Parse frame. */
export function readParse(bytes: Buffer): { name: string; sql: string } {
  const name = readString(bytes, 5)
  return { name: name.value, sql: readString(bytes, name.next).value }
}

/** Reads the portal and the statement that a Bind frame names. */
export function readBind(bytes: Buffer): { portal: string; statement: string } {
  const portal = readString(bytes, 5)
  return { portal: portal.value, statement: readString(bytes, portal.next).value }
}

/** How many parameters a Bind frame has. */
export function countParameters(bytes: Buffer): number {
  const { next } = readString(bytes, readString(bytes, 5).next)
  if (next + 2 > bytes.length) throw new MalformedMessage('insufficient data left in message')
  const at = next + 2 + 2 * bytes.readUInt16BE(next)
  if (at + 2 > bytes.length) throw new MalformedMessage('insufficient data left in message')
  return bytes.readUInt16BE(at)
}

/** Reads the parameters of a Bind frame. Of a truncated frame, it returns those that are there. */
export function readParameters(bytes: Buffer): (Buffer | null)[] {
  const portalEnd = bytes.indexOf(0, 5)
  const formats = bytes.indexOf(0, portalEnd + 1) + 1
  if (portalEnd === -1 || formats === 0 || bytes.length < formats + 2) return []
  return readValues(bytes, formats + 2 + 2 * bytes.readUInt16BE(formats))
}

/** Reads the target of a Describe or Close frame: a statement (S) or a portal (P). */
export function readTarget(bytes: Buffer): { kind: 'S' | 'P'; name: string } {
  if (bytes.length < 6) throw new MalformedMessage('no data left in message')
  const { value: name, next } = readString(bytes, 6)
  if (next !== bytes.length) throw new MalformedMessage('invalid message format')
  const kind = String.fromCharCode(bytes[5] ?? 0)
  if (kind === 'S' || kind === 'P') return { kind, name }
  const verb = bytes[0] === Frontend.Close ? 'CLOSE' : 'DESCRIBE'
  throw new MalformedMessage(`invalid ${verb} message subtype ${bytes[5]}`)
}

/** The name of the portal in an Execute frame. */
export const readExecute = (bytes: Buffer): string => readString(bytes, 5).value

/** The same frame with another string in place of the one that begins at `at`. */
export function replaceString(bytes: Buffer, at: number, value: string): Buffer {
  return Buffer.concat(replaceStringInPieces(bytes, at, value))
}

/** The same without a copy of a body that may be large: in two pieces, the second of which is a part of `bytes`. */
export function replaceStringInPieces(bytes: Buffer, at: number, value: string): Buffer[] {
  const { next } = readString(bytes, at)
  const head = Buffer.concat([bytes.subarray(0, at), Buffer.from(`${value}\0`)])
  const rest = bytes.subarray(next)
  head.writeUInt32BE(head.length + rest.length - 1, 1)
  return [head, rest]
}

/** A startup packet: protocol version and parameters. */
export type Startup = { code: number; parameters: Map<string, string>; isComplete: boolean }

/**
 * Reads a packet of the startup phase, which has a length (4 bytes) but no type. `isComplete`: an empty name, at its end, ends
 * the parameters.
 */
export function readStartup(packet: Buffer): Startup {
  const code = packet.readInt32BE(4)
  const parameters = new Map<string, string>()
  if (code >> 16 !== 3) return { code, parameters, isComplete: true }
  const fields = packet.toString('utf8', 8).split('\0')
  let at = 0
  for (; at + 1 < fields.length && fields[at]; at += 2) parameters.set(fields[at] ?? '', fields[at + 1] ?? '')
  return { code, parameters, isComplete: at === fields.length - 2 && fields[at + 1] === '' }
}
