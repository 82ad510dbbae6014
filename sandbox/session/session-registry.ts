/** Keeps the connected sessions of a sandbox. */

import type { SessionContext } from '../execution/session-context.ts'
import type { CancelKey } from '../protocol/frontend-messages.ts'
import type { SessionError } from '../protocol/pg-error.ts'
import type { Session } from './session.ts'

export class SessionRegistry {
  readonly #all = new Map<number, Session>()
  #nextId = 1

  /** Adds the session that `make` creates with a new id. */
  add(make: (id: number) => Session): Session {
    const session = make(this.#nextId++)
    this.#all.set(session.id, session)
    return session
  }

  /** The session with this id, if it has not left. */
  get(id: number): Session | undefined {
    return this.#all.get(id)
  }

  /** Whether `endActive` would return a session. */
  get hasActive(): boolean {
    return [...this.#all.values()].some(session => session.isActive && !session.hasEnded)
  }

  /** Waits until the sessions whose clients have disconnected have undone their open work. */
  async ended(): Promise<void> {
    await Promise.all([...this.#all.values()].filter(session => session.hasEnded).map(session => session.end()))
  }

  /** Removes a session that has ended and released its resources. */
  left(id: number): void {
    this.#all.delete(id)
  }

  /**
   * Cancels the statement of the session with this key, if any. Resolves when the request cannot hit a later statement.
   */
  async cancel(key: CancelKey): Promise<void> {
    for (const session of this.#all.values()) if (session.hasKey(key)) await session.cancel()
  }

  /** Waits until no statement runs or waits for the connection lock, at most `ms` milliseconds. */
  async quiet(ms: number, context: Pick<SessionContext, 'onIdle'>): Promise<void> {
    const isBusy = () => [...this.#all.values()].some(session => session.isBusy)
    if (!isBusy()) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>(resolve => {
      timer = setTimeout(resolve, ms)
      context.onIdle = () => {
        if (!isBusy()) resolve()
      }
    })
    clearTimeout(timer)
    context.onIdle = undefined
  }

  /** Terminates active sessions and returns them. Resolves once all of these, and those already ending, have ended. */
  async endActive(reasonFor: (session: Session) => SessionError): Promise<Session[]> {
    const leaving = [...this.#all.values()].filter(session => session.isActive || session.hasEnded)
    const active = leaving.filter(session => !session.hasEnded)
    if (leaving.length > 0) await Promise.all(leaving.map(session => session.terminate(reasonFor(session))))
    return active
  }

  /** Terminates all sessions. */
  async end(reason: SessionError): Promise<void> {
    await Promise.all([...this.#all.values()].map(session => session.terminate(reason)))
  }

  /**
   * Terminates all sessions but those idle on a socket, which end with their next message. Returns the number of the
   * latter.
   */
  async endLater(reason: SessionError): Promise<number> {
    const others = [...this.#all.values()].filter(session => !session.terminateLater(reason))
    const idle = this.#all.size - others.length
    await Promise.all(others.map(session => session.terminate(reason)))
    return idle
  }

  /** Connects the sessions that listen for notifications to the database of `direct` mode. Undefined if there are none. */
  listenDirectly(): Promise<unknown> | undefined {
    const connecting = [...this.#all.values()].flatMap(session => session.listenDirectly() ?? [])
    return connecting.length > 0 ? Promise.all(connecting) : undefined
  }

  /** Closes the dedicated connections of all sessions. Undefined if there are none. */
  closeDedicated(): Promise<unknown> | undefined {
    const closing = [...this.#all.values()].flatMap(session => session.closeDedicated() ?? [])
    return closing.length > 0 ? Promise.all(closing) : undefined
  }
}
