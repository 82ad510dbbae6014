/** The one transaction that all sessions of a sandbox share, and the savepoint that guards what each of them does. */
import { applySettings, type Lane } from './lane.ts'
import { noSettings, type Settings, withheldSettings } from './settings.ts'
import { Upstream } from './upstream.ts'
import { bindAndExecute, parse, query, sync } from './wire/frontend.ts'

const guardStatements = {
  reprise_begin: 'BEGIN',
  reprise_save: 'SAVEPOINT reprise_guard',
  reprise_release: 'RELEASE SAVEPOINT reprise_guard',
  reprise_rollback: 'ROLLBACK TO SAVEPOINT reprise_guard',
  reprise_read_only: 'SET TRANSACTION READ ONLY',
}

// Prepared statements, since a simple Query would destroy the unnamed statement of the session that follows it.
const begin = bindAndExecute('reprise_begin')
const save = bindAndExecute('reprise_save')
const release = bindAndExecute('reprise_release')
const rollBack = bindAndExecute('reprise_rollback')
const readOnly = bindAndExecute('reprise_read_only')
// Advisory locks are a connection's, and this one goes on.
const undo = query('ROLLBACK; SELECT pg_advisory_unlock_all()')

/**
 * Nothing is sent for its own sake: BEGIN, the guard's SAVEPOINT and the end of the guard before it travel in the same
 * write as the statement that needs them.
 */
export class SharedTransaction implements Lane {
  readonly upstream: Upstream
  applied: Settings = noSettings
  unnamedOwner: unknown
  /** The guard's savepoint exists and belongs to the session whose turn it is. */
  guarded = false
  #begun = false
  #unfinished: 'release' | 'rollback' | undefined

  private constructor(upstream: Upstream) {
    this.upstream = upstream
  }

  static async connect(url: string): Promise<SharedTransaction> {
    const upstream = await Upstream.connect(url)
    const statements = Object.entries(guardStatements).map(([name, sql]) => parse(name, sql))
    const { error } = await upstream.exchange(Buffer.concat([...statements, sync]))
    if (error) throw new Error(`The sandbox cannot prepare its savepoints: ${error.M} (${error.C})`)
    return new SharedTransaction(upstream)
  }

  /** The messages, each answered by BindComplete and CommandComplete, that set a new guard. */
  openGuard(options: { readOnly: boolean }): Buffer[] {
    const messages = [...this.finishGuard(), save]
    if (!this.#begun) messages.unshift(begin)
    if (options.readOnly) messages.push(readOnly)
    this.#begun = true
    this.guarded = true
    return messages
  }

  /** Ends the guard: what was done under it stays or is undone before anything else runs. */
  closeGuard(outcome: 'release' | 'rollback'): void {
    this.guarded = false
    this.#unfinished = outcome
  }

  /** Makes a session's settings hold before its guard is set. Throws the server's error; the transaction survives it. */
  async apply(settings: Settings): Promise<void> {
    const opening = this.openGuard({ readOnly: false })
    try {
      await applySettings(this, settings, { opening, withheld: withheldSettings })
      this.closeGuard('release')
    } catch (error) {
      this.closeGuard('rollback')
      throw error
    }
  }

  /** Undoes everything since the first statement. Throws if the connection was lost or had left the transaction. */
  async rollBack(): Promise<void> {
    if (!this.#begun) return
    this.#begun = false
    this.guarded = false
    this.#unfinished = undefined
    this.applied = noSettings
    this.unnamedOwner = undefined
    let answer = await this.upstream.exchange(undo)
    // A cancel request that came too late for its statement can hit the ROLLBACK instead.
    if (answer.error?.C === '57014') answer = await this.upstream.exchange(undo)
    if (answer.error) throw new Error(`The sandbox could not roll back: ${answer.error.M} (${answer.error.C})`)
  }

  /** The messages, answered like those of `openGuard`, that end a closed guard at once. */
  finishGuard(): Buffer[] {
    const unfinished = this.#unfinished
    this.#unfinished = undefined
    if (unfinished === 'rollback') return [rollBack, release]
    return unfinished === 'release' ? [release] : []
  }
}
