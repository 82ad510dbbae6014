/** Reads the startup phase of a connection: declines encryption and checks the password. */
import { timingSafeEqual } from 'node:crypto'
import {
  authenticationCleartextPassword,
  authenticationOk,
  type ErrorFields,
  errorResponse,
  negotiateProtocolVersion,
} from '../protocol/backend-messages.ts'
import { readString } from '../protocol/frames.ts'
import { type CancelKey, Frontend, readCancelRequest, readStartup, startupCode } from '../protocol/frontend-messages.ts'

/** The parameters of the startup packet. */
export type StartupRequest = { parameters: ReadonlyMap<string, string> }

/** The response to what was read. `rest`: the bytes after the startup phase; `cancel`: the key of a cancel request. */
export type StartupStep = {
  reply: Buffer[]
  started?: StartupRequest
  rest?: Buffer
  cancel?: CancelKey | undefined
  close?: boolean
}

/** In bytes, as for a server: 10000 and the length itself. */
export const longestPacket = 10_004

/** Reads the packets before the first message. Unlike messages, they have no type byte. */
export class StartupPhase {
  readonly #password: string | undefined
  #bytes: Buffer = Buffer.alloc(0)
  #awaitingPassword: StartupRequest | undefined
  /** The last offer of encryption that was declined. */
  #declined = 0

  /** Without a `password`, every client is trusted. */
  constructor(password: string | undefined) {
    this.#password = password
  }

  read(chunk: Buffer): StartupStep {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    const reply: Buffer[] = []
    for (;;) {
      const typed = this.#awaitingPassword ? 1 : 0
      const [type = Frontend.Password] = this.#bytes
      if (this.#awaitingPassword && type !== Frontend.Password) {
        return refuse(reply, '08P01', `expected password response, got message type ${type}`)
      }
      if (this.#bytes.length < 4 + typed) return { reply }
      const length = this.#bytes.readUInt32BE(typed) + typed
      // A server logs it and closes the connection. The type of a message reads as a part of such a length.
      if (length < 8 - 3 * typed || length > longestPacket) return { reply, close: true }
      if (this.#bytes.length < length) return { reply }
      const packet = this.#bytes.subarray(0, length)
      this.#bytes = this.#bytes.subarray(length)
      const step = this.#awaitingPassword ? this.#checkPassword(packet, this.#awaitingPassword) : this.#begin(packet)
      reply.push(...step.reply)
      if (step.started || step.close) return { ...step, reply, rest: this.#bytes }
    }
  }

  #begin(packet: Buffer): StartupStep {
    const { code, parameters, isComplete } = readStartup(packet)
    const isOffer = code === startupCode.ssl || code === startupCode.gss
    // A server takes each of them once, and GSS after SSL or SSL after GSS.
    if (isOffer && code !== this.#declined) {
      this.#declined = code
      const declined = Buffer.from('N')
      if (this.#bytes.length === 0) return { reply: [declined] }
      const offer = code === startupCode.ssl ? 'SSL' : 'GSSAPI encryption'
      return refuse([declined], '08P01', `received unencrypted data after ${offer} request`)
    }
    if (code === startupCode.cancel) return { reply: [], cancel: readCancelRequest(packet), close: true }
    if (code >> 16 !== 3) {
      const version = `${code >> 16}.${code & 0xffff}`
      return refuse([], '0A000', `unsupported frontend protocol ${version}: server supports 3.0 to 3.0`)
    }
    if (!isComplete) {
      return refuse([], '08P01', 'invalid startup packet layout: expected terminator as last byte')
    }
    if (!parameters.get('user')) return refuse([], '28000', 'no PostgreSQL user name specified in startup packet')
    const unknown = [...parameters.keys()].filter(name => name.startsWith('_pq_.'))
    const negotiation = (code & 0xffff) > 0 || unknown.length > 0 ? [negotiateProtocolVersion(unknown)] : []
    if (this.#password === undefined) return { reply: [...negotiation, authenticationOk], started: { parameters } }
    this.#awaitingPassword = { parameters }
    return { reply: [...negotiation, authenticationCleartextPassword] }
  }

  #checkPassword(packet: Buffer, startup: StartupRequest): StartupStep {
    const expected = Buffer.from(this.#password ?? '')
    const given = Buffer.from(readString(packet, 5).value)
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      const user = startup.parameters.get('user') ?? ''
      return refuse([], '28P01', `password authentication failed for user "${user}"`)
    }
    return { reply: [authenticationOk], started: startup }
  }
}

function refuse(reply: Buffer[], sqlState: string, message: string): StartupStep {
  const fields: ErrorFields = { severity: 'FATAL', code: sqlState, message }
  return { reply: [...reply, errorResponse(fields)], close: true }
}
