/** The one transaction that all sessions of a sandbox share, and the savepoint that guards what each of them does. */
import { randomBytes } from 'node:crypto'
import { bindAndExecute, closeStatement, parse, sync } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { ServerLogin } from '../server/login.ts'
import { ServerConnection } from '../server/server-connection.ts'
import { applySettings, type ServerRoute } from '../server/server-route.ts'
import type { Run } from '../sql/run-sql.ts'
import { keepNotifications } from '../state/listen/notifications.ts'
import { type AppliedSettings, noSettings, type Settings, withUnknownParameters } from '../state/settings/settings.ts'
import { type Constraints, changesConstraints, constraintsOf, readConstraints } from './deferred-constraints.ts'

// No other savepoint is called that by chance, nor on purpose.
const guard = `reprise_${randomBytes(8).toString('hex')}`

/** Inside of the guard of a statement that is kept: all are released together. */
const inner = `${guard}_inner`

/** How many guards there may be, one in another. Each spares the server a RELEASE; with each, it looks for rows in one more place. */
const mostLayers = 8

const guardStatements = {
  reprise_begin: 'BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE',
  reprise_save: `SAVEPOINT ${guard}`,
  reprise_save_inner: `SAVEPOINT ${inner}`,
  reprise_release: `RELEASE SAVEPOINT ${guard}`,
  reprise_rollback: `ROLLBACK TO SAVEPOINT ${guard}`,
  reprise_rollback_inner: `ROLLBACK TO SAVEPOINT ${inner}`,
  reprise_read_only: 'SET TRANSACTION READ ONLY',
  reprise_default_access: `SELECT pg_catalog.set_config('transaction_read_only', pg_catalog.current_setting('default_transaction_read_only'), true)`,
  reprise_keep_notifications: keepNotifications,
  reprise_end: 'ROLLBACK',
  // Advisory locks are a connection's, and this one goes on.
  reprise_unlock: 'SELECT pg_catalog.pg_advisory_unlock_all()',
}

// The functions that a template replaces ask whether they run in a sandbox. The timeouts are each session's own.
const connectionOptions = ['reprise.sandbox=on', 'idle_in_transaction_session_timeout=0', 'idle_session_timeout=0']
  .map(setting => `-c ${setting}`)
  .join(' ')

/** The SQLSTATE of a statement that a cancel request has hit. */
const canceled = '57014'

/** What pg_stat_activity shows while the server sets or ends a guard. */
export const guardTexts: readonly string[] = Object.values(guardStatements)

// Prepared statements, since a simple Query would destroy the unnamed statement of the session that follows it.
const begin = bindAndExecute('reprise_begin')
const save = bindAndExecute('reprise_save')
const saveInner = bindAndExecute('reprise_save_inner')
const release = bindAndExecute('reprise_release')
const rollBack = bindAndExecute('reprise_rollback')
const rollBackInner = bindAndExecute('reprise_rollback_inner')
const accesses = {
  'read only': [bindAndExecute('reprise_read_only')],
  'read write': [],
  default: [bindAndExecute('reprise_default_access')],
}
const keep = bindAndExecute('reprise_keep_notifications')
const undo = Buffer.concat([bindAndExecute('reprise_end'), bindAndExecute('reprise_unlock'), sync])

/**
 * How a guard ends: what was done under it is kept, or undone. keep: as release, of a lone statement that has left nothing
 * but rows behind, so that its savepoint may as well stay.
 */
type GuardEnd = 'release' | 'keep' | 'rollback'

/** What a session's guard begins with. */
export type GuardOptions = {
  /** default: what default_transaction_read_only says. */
  access: keyof typeof accesses
  /** A session listens to notifications. */
  heard: boolean
}

/**
 * Nothing is sent for its own sake: BEGIN, the guard's SAVEPOINT and the end of the guard before it travel in the same
 * write as the statement that needs them.
 */
export class SharedTransaction implements ServerRoute {
  readonly upstream: ServerConnection
  applied: AppliedSettings = noSettings
  unnamedOwner: unknown
  /** The guard's savepoint exists and belongs to the session that holds the connection lock. */
  guarded = false
  #begun = false
  #abandoned: string[] = []
  #unfinished: GuardEnd | undefined
  /** How many guards there are, one in another; the innermost is the session's. */
  #layers = 0

  readonly #constraintsAtFirst: Constraints
  #constraints: Constraints | undefined

  private constructor(upstream: ServerConnection, constraints: Constraints) {
    this.upstream = upstream
    this.#constraintsAtFirst = constraints
    this.#constraints = constraints
  }

  /** `observe`: as for any connection to a server. */
  static async connect(url: string, observe?: (login: ServerLogin) => void): Promise<SharedTransaction> {
    const upstream = await ServerConnection.connect(url, connectionOptions, observe)
    const statements = Object.entries(guardStatements).map(([name, sql]) => parse(name, sql))
    const constraints = [parse('', readConstraints), bindAndExecute('')]
    const { error, rows } = await upstream.exchange(Buffer.concat([...statements, ...constraints, sync]))
    if (error) throw new Error(`The sandbox cannot prepare its savepoints: ${error.message} (${error.code})`)
    return new SharedTransaction(upstream, constraintsOf(rows))
  }

  /** The messages, each answered by BindComplete and CommandComplete, that set a new guard. */
  openGuard({ access, heard }: GuardOptions): Buffer[] {
    const messages = [...this.finishGuard(), this.#layers === 0 ? save : saveInner, ...accesses[access]]
    this.#layers++
    if (!this.#begun) messages.unshift(begin)
    if (heard) messages.push(keep)
    this.#begun = true
    this.guarded = true
    return messages
  }

  /** Ends the guard: what was done under it stays or is undone before anything else runs. */
  closeGuard(outcome: GuardEnd): void {
    this.guarded = false
    this.#unfinished = outcome
  }

  /**
   * Makes a session's settings hold before its guard is set. Resolves with what the server reports of them. Throws the
   * server's error; the transaction survives it.
   */
  async apply(settings: Settings): Promise<Buffer[]> {
    try {
      return await this.#applyUnderGuard(settings)
    } catch (error) {
      if (!(error instanceof SessionError) || error.fields.code === canceled) throw error
      // Another session's parameter may be one that the server does not reset by its name any more.
      this.applied = withUnknownParameters(this.applied)
      return await this.#applyUnderGuard(settings)
    }
  }

  async #applyUnderGuard(settings: Settings): Promise<Buffer[]> {
    const opening = this.openGuard({ access: 'read write', heard: false })
    try {
      const reports = await applySettings(this, settings, opening)
      this.closeGuard('release')
      return reports
    } catch (error) {
      this.closeGuard('rollback')
      throw error
    }
  }

  /** There may be constraints that are checked at a commit. */
  get mayHaveChecks(): boolean {
    return this.#constraints?.areThere ?? true
  }

  /** A command with this tag was run. */
  completed(tag: string): void {
    if (changesConstraints(tag)) this.#constraints = undefined
  }

  /** The constraints that a commit may have to check; read again where a command may have changed them. */
  async constraints(run: Run): Promise<Constraints> {
    this.#constraints ??= constraintsOf(await run(readConstraints))
    return this.#constraints
  }

  /** Undoes everything since the first statement. Throws if the connection was lost or had left the transaction. */
  async rollBack(): Promise<void> {
    if (this.#abandoned.length > 0) await this.#forget()
    if (!this.#begun) return
    this.#begun = false
    this.guarded = false
    this.#unfinished = undefined
    this.#layers = 0
    this.applied = noSettings
    this.unnamedOwner = undefined
    this.#constraints = this.#constraintsAtFirst
    let answer = await this.upstream.exchange(undo)
    // A cancel request that came too late for its statement can hit the ROLLBACK instead.
    if (answer.error?.code === canceled) answer = await this.upstream.exchange(undo)
    if (answer.error) throw new Error(`The sandbox could not roll back: ${answer.error.message} (${answer.error.code})`)
  }

  /** The statements whose names begin so were a session's that has ended: they are forgotten when the test ends. */
  abandon(prefix: string): void {
    this.#abandoned.push(prefix)
  }

  /** The messages, answered like those of `openGuard`, that end a closed guard at once. */
  finishGuard(): Buffer[] {
    const unfinished = this.#unfinished
    this.#unfinished = undefined
    if (unfinished === undefined || (unfinished === 'keep' && this.#layers < mostLayers)) return []
    const undo = this.#layers === 1 ? rollBack : rollBackInner
    this.#layers = 0
    return unfinished === 'rollback' ? [undo, release] : [release]
  }

  async #forget(): Promise<void> {
    const prefixes = this.#abandoned
    this.#abandoned = []
    const { prepared } = this.upstream
    const names = [...prepared].filter(name => prefixes.some(prefix => name.startsWith(prefix)))
    if (names.length === 0 || this.upstream.lost) return
    for (const name of names) prepared.delete(name)
    await this.upstream.exchange(Buffer.concat([...names.map(closeStatement), sync]))
  }
}
