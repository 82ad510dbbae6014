/** Enforces the timeouts that end a connection, for one session of the shared connection. */
import { fatal, type SessionError } from '../protocol/pg-error.ts'
import type { SessionState } from './session-state.ts'

const errors = {
  idle_session_timeout: fatal('57P05', 'terminating connection due to idle-session timeout'),
  idle_in_transaction_session_timeout: fatal('25P03', 'terminating connection due to idle-in-transaction timeout'),
  transaction_timeout: fatal('25P04', 'terminating connection due to transaction timeout'),
}

export class SessionTimeouts {
  readonly #state: SessionState
  readonly #expire: (error: SessionError) => void
  #idle: Timer | undefined
  #transaction: Timer | undefined

  /** `expire` ends the session with the error. */
  constructor(state: SessionState, expire: (error: SessionError) => void) {
    this.#state = state
    this.#expire = expire
  }

  /** The client has sent something. */
  markBusy(): void {
    this.#idle?.stop()
    if (this.#state.settings.size > 0) this.#followTransaction()
  }

  /** The session is ready for a query. */
  markIdle(): void {
    this.#idle?.stop()
    if (this.#state.transaction.status !== 'I') {
      this.#followTransaction()
      this.#idle = this.#start('idle_in_transaction_session_timeout')
      return
    }
    this.#transaction?.stop()
    this.#transaction = undefined
    this.#idle = this.#state.settings.size > 0 ? this.#start('idle_session_timeout') : undefined
  }

  /** The session has ended. */
  stop(): void {
    this.#idle?.stop()
    this.#transaction?.stop()
  }

  // A value that is set while the timer runs takes effect in the next transaction; 0 takes effect at once.
  #followTransaction(): void {
    if (this.#milliseconds('transaction_timeout') === 0) {
      this.#transaction?.stop()
      this.#transaction = undefined
    } else this.#transaction ??= this.#start('transaction_timeout')
  }

  #start(name: keyof typeof errors): Timer | undefined {
    const milliseconds = this.#milliseconds(name)
    if (milliseconds === 0) return undefined
    return new Timer(Math.min(milliseconds, longest), () => this.#expire(errors[name]))
  }

  #milliseconds(name: string): number {
    const setting = this.#state.settingOf(name)
    return setting?.kind === 'value' ? millisecondsOf(setting.value) : 0
  }
}

/** After a delay of this process, what the client has sent meanwhile is read between the timer and the immediate. */
class Timer {
  readonly #timeout: NodeJS.Timeout
  #immediate: NodeJS.Immediate | undefined

  constructor(milliseconds: number, expire: () => void) {
    // The timer alone does not keep the process alive.
    this.#timeout = setTimeout(() => {
      this.#immediate = setImmediate(expire)
    }, milliseconds).unref()
  }

  stop(): void {
    clearTimeout(this.#timeout)
    clearImmediate(this.#immediate)
  }
}

/** A timer cannot run longer than 24 days. */
const longest = 0x7fff_ffff

/** Reads a time as the server writes it: a whole number and its unit, or 0. */
function millisecondsOf(text: string): number {
  const [, count = '0', unit = 'ms'] = /^(\d+)(\w*)$/.exec(text) ?? []
  return Number(count) * (units.get(unit) ?? 1)
}

const units = new Map([
  ['ms', 1],
  ['s', 1000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])
