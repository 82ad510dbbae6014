/** ChannelKind: what one kind of channel adds: the schema of its settings, and how it sends. */
import type { z } from 'zod'
import type { AcceptedRecipients } from '../store/accepted-recipients.ts'
import type { Notice } from './notice.ts'

export interface ChannelKind<C extends { kind: string }> {
  kind: C['kind']
  /** How it is written, for messages about a faulty configuration: `slack({ url })`. */
  example: string
  /** Whether its receivers have alerts that are acknowledged; they are sent messages of that kind. */
  takesAcknowledgements?: boolean
  /** An issue's message is the remedy. */
  schema: z.ZodObject
  /**
   * Resolves when the receiver has accepted the notice. Throws `NotTaken` when it has not, and other errors for settings that
   * cannot be used. `channel` has the values of its secrets. Texts of the receiver may contain them: `shown` redacts those.
   */
  send(channel: C, notice: Notice, attempt: Attempt): Promise<Acceptance>
  /** Values in the settings that give access, although they are no secrets of the environment. */
  credentials(channel: C): Credential[]
}

export interface Attempt {
  /** The name of the channel, for messages. */
  name: string
  /** When it is sent. */
  now: Date
  /** Aborts when the attempt has timed out. */
  signal: AbortSignal
  /** Recipients, or requests, that were accepted in an earlier attempt, if the channel has several. Await each that is added. */
  accepted: AcceptedRecipients
  /** The value of a secret of the environment, which is redacted from now on. */
  secret(name: string): string
  /** A text in one line, shortened and without credentials. */
  shown(text: string): string
}

/** What the receiver has answered, for people: `200 OK`; shortened, without credentials. */
export interface Acceptance {
  answer: string
  /** The beginning of what it has sent along; may be empty. */
  text: string
  /** What is wrong nevertheless, for operators: a recipient that was rejected. */
  remark?: string
}

/** A name that stands in place of the value. */
export type Credential = [name: string, value: string]
