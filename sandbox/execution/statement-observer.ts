/** Receives what the sessions of a sandbox run, as their clients see it: without guards and other statements of the sandbox. */

import type { ErrorFields } from '../protocol/backend-messages.ts'
import type { SessionHandle } from './session-handle.ts'

/** Its methods are called synchronously, in the order of a session's messages; they must not throw. */
export interface StatementObserver {
  /** A Query or an Execute has begun: it may wait for the connection lock. */
  began(session: SessionHandle, statement: BegunStatement): void
  /** The first of the session's statements that have not ended got this command tag. A text of several gets one for each. */
  completed?(session: SessionHandle, tag: string): void
  /** The first of the session's statements that have not ended failed; those sent after it are discarded. */
  failed?(session: SessionHandle, error: ErrorFields): void
  /** ReadyForQuery: all the session's statements have ended. */
  ready?(session: SessionHandle): void
}

export interface BegunStatement {
  sql: string
  /** It ends at ReadyForQuery, not at its command tag. */
  isSimpleQuery: boolean
  /** The Bind message, at least its first bytes. */
  bind?: Buffer | undefined
  /** The Parse message, which may declare types of parameters. */
  parse?: Buffer | undefined
  /** The ParameterDescription message, if the client has asked for it. */
  parameterTypes?: Buffer | undefined
}

/** Of a Bind message, in bytes. */
const kept = 65_536

/** A copy of the beginning of a Bind message, whose buffer may be used again. */
export const keptBind = (bytes: Buffer): Buffer => Buffer.from(bytes.subarray(0, kept))
