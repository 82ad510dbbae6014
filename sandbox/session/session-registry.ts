/** Keeps the sessions of a sandbox, while they are connected. */

import type { SessionContext } from '../execution/session-context.ts'
import type { CancelKey } from '../protocol/frontend-messages.ts'
import type { SessionError } from '../protocol/pg-error.ts'
import type { Session } from './session.ts'

export class SessionRegistry {
  readonly #all = new Map<number, Session>()
  #nextId = 1

  /** Takes in the one that is made with this number, which no other has. */
  add(make: (id: number) => Session): Session {
    const session = make(this.#nextId++)
    this.#all.set(session.id, session)
    return session
  }

  /** It has ended, and given back what it held. */
  left(id: number): void {
    this.#all.delete(id)
  }

  /** Cancels the statement of the one with this key, if there is one. Resolves when nothing later can be hit. */
  async cancel(key: CancelKey): Promise<void> {
    for (const session of this.#all.values()) if (session.hasKey(key)) await session.cancel()
  }

  /** Waits until no statement runs and none waits for the connection lock, at most `ms` milliseconds. */
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

  /** Terminates those that are active, and gives them. Resolves once they, and those that were ending, have ended. */
  async endActive(reasonFor: (session: Session) => SessionError): Promise<Session[]> {
    const leaving = [...this.#all.values()].filter(session => session.isActive || session.hasEnded)
    const active = leaving.filter(session => !session.hasEnded)
    if (leaving.length > 0) await Promise.all(leaving.map(session => session.terminate(reasonFor(session))))
    return active
  }

  /** Terminates all of them. */
  async end(reason: SessionError): Promise<void> {
    await Promise.all([...this.#all.values()].map(session => session.terminate(reason)))
  }

  /** Terminates those that are not idle on a socket. The others end with their next message. Returns how many those are. */
  async endLater(reason: SessionError): Promise<number> {
    const others = [...this.#all.values()].filter(session => !session.terminateLater(reason))
    const idle = this.#all.size - others.length
    await Promise.all(others.map(session => session.terminate(reason)))
    return idle
  }

  /** Closes their dedicated connections. Undefined if there are none. */
  closeDedicated(): Promise<unknown> | undefined {
    const closing = [...this.#all.values()].flatMap(session => session.closeDedicated() ?? [])
    return closing.length > 0 ? Promise.all(closing) : undefined
  }
}
