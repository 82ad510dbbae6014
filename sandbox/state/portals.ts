/** The portals of a session: what it has bound, and where a name may be a cursor of its transaction instead. */
import { SessionError } from '../protocol/pg-error.ts'
import type { PreparedStatement } from './prepared-statements.ts'
import type { SessionState } from './session-state.ts'

/** `answered`: its command is answered here; `done`: it was. */
export type Portal = { statement: PreparedStatement; intercepted: boolean; done: boolean }

export class Portals {
  readonly #state: SessionState
  readonly #portals = new Map<string, Portal>()

  constructor(state: SessionState) {
    this.#state = state
  }

  /** A portal that has a name, and was not there. */
  isNew(name: string): boolean {
    return name !== '' && !this.#portals.has(name)
  }

  bind(name: string, portal: Portal): void {
    this.#portals.set(name, portal)
  }

  get(name: string): Portal | undefined {
    return this.#portals.get(name)
  }

  /** What a portal runs; undefined for one that may be a cursor. Throws a SessionError if there is no such portal. */
  find(name: string): Portal | undefined {
    const portal = this.#portals.get(name)
    if (portal || this.mayBeCursor(name)) return portal
    throw new SessionError('34000', `portal "${name}" does not exist`)
  }

  mayBeCursor(name: string): boolean {
    return name !== '' && this.#state.transaction.status !== 'I'
  }

  close(name: string): void {
    this.#portals.delete(name)
  }

  /** The names of those that the server has and that end with their batch, since the session is in no transaction. */
  get ending(): string[] {
    if (this.#portals.size === 0 || this.#state.transaction.status !== 'I') return []
    const names: string[] = []
    for (const [name, { intercepted }] of this.#portals) if (name !== '' && !intercepted) names.push(name)
    return names
  }

  /** Their transaction has ended. */
  clear(): void {
    this.#portals.clear()
  }

  /** ReadyForQuery is sent: outside a transaction, they are over. */
  finish(): void {
    if (this.#portals.size > 0 && this.#state.transaction.status === 'I') this.#portals.clear()
  }
}
