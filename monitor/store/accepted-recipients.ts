/** Remembers which recipients of a message have accepted it, so that no later attempt sends it to them again. */
import { createHash } from 'node:crypto'
import type pg from 'pg'

export interface AcceptedRecipients {
  has(recipient: string): boolean
  /** Resolves when it is stored, so that it holds after a crash. */
  add(recipient: string): unknown
}

/** Of a message; what is stored are digests, since a recipient may be a URL with a credential. */
export class StoredRecipients implements AcceptedRecipients {
  readonly #pool: pg.Pool
  readonly #message: { id: string; idempotencyKey: string }
  readonly #digests: Set<string>

  constructor(pool: pg.Pool, message: { id: string; idempotencyKey: string; accepted: readonly string[] }) {
    this.#pool = pool
    this.#message = message
    this.#digests = new Set(message.accepted)
  }

  has(recipient: string): boolean {
    return this.#digests.has(this.#digestOf(recipient))
  }

  async add(recipient: string): Promise<void> {
    const digest = this.#digestOf(recipient)
    this.#digests.add(digest)
    // What cannot be stored now is stored with the end of the attempt.
    await this.#pool
      .query('update reprise.outbox set accepted = accepted || to_jsonb($2::text) where id = $1', [
        this.#message.id,
        digest,
      ])
      .catch(() => undefined)
  }

  toJSON(): string[] {
    return [...this.#digests]
  }

  #digestOf(recipient: string): string {
    return createHash('sha256').update(`${this.#message.idempotencyKey}\n${recipient}`).digest('base64url')
  }
}
