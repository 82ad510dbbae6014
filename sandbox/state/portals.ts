/** Keeps the portals of a session by name. In a transaction, a name that is not among them may be a cursor. */
import { SessionError } from '../protocol/pg-error.ts'
import type { PreparedStatement } from './prepared-statements.ts'
import type { SessionState } from './session-state.ts'

/** `intercepted`: the sandbox answers its command; `done`: it has. `bound`: its Bind message, for an observer. */
export type Portal = {
  statement: PreparedStatement
  intercepted: boolean
  done: boolean
  bound?: Buffer | undefined
}

export class Portals {
  readonly #state: SessionState
  readonly #portals = new Map<string, Portal>()

  constructor(state: SessionState) {
    this.#state = state
  }

  /** Whether the name is that of a portal which does not exist yet; the unnamed portal is replaced. */
  isNew(name: string): boolean {
    return name !== '' && !this.#portals.has(name)
  }

  bind(name: string, portal: Portal): void {
    this.#portals.set(name, portal)
  }

  get(name: string): Portal | undefined {
    return this.#portals.get(name)
  }

  /** Returns undefined for a name that may be a cursor. Throws a SessionError if there is no such portal. */
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

  /** The named portals on the server that end at Sync, since the session is in no transaction. */
  get ending(): string[] {
    if (this.#portals.size === 0 || this.#state.transaction.status !== 'I') return []
    const names: string[] = []
    for (const [name, { intercepted }] of this.#portals) if (name !== '' && !intercepted) names.push(name)
    return names
  }

  /** The transaction has ended, and its portals with it. */
  clear(): void {
    this.#portals.clear()
  }

  /** ReadyForQuery is sent: outside a transaction, portals end there. */
  finish(): void {
    if (this.#portals.size > 0 && this.#state.transaction.status === 'I') this.#portals.clear()
  }
}
