/** The one transaction that all sessions of a sandbox share, and the savepoint (guard) around the work of each. */
import { randomBytes } from 'node:crypto'
import { bindAndExecute, closeStatement, parse, sync } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { ServerLogin } from '../server/login.ts'
import { ServerConnection } from '../server/server-connection.ts'
import { applySettings, type ServerRoute } from '../server/server-route.ts'
import { keepNotifications } from '../state/listen/notifications.ts'
import { type AppliedSettings, noSettings, type Settings, withUnknownParameters } from '../state/settings/settings.ts'
import { DeferredConstraints, readConstraints } from './deferred-constraints.ts'

// Random, so that it cannot collide with a savepoint of a session.
const guard = `reprise_${randomBytes(8).toString('hex')}`

/** A nested guard. Released together with the outer ones. */
const inner = `${guard}_inner`

/** The maximum depth of nested guards. Each level saves a RELEASE, but makes visibility checks slower. */
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
  // Advisory locks belong to the connection, which outlives the transaction.
  reprise_unlock: 'SELECT pg_catalog.pg_advisory_unlock_all()',
}

// The functions that a template replaces check for `reprise.sandbox`. The sandbox handles the others per session.
const connectionOptions = [
  'reprise.sandbox=on',
  'exit_on_error=off',
  'idle_in_transaction_session_timeout=0',
  'idle_session_timeout=0',
]
  .map(setting => `-c ${setting}`)
  .join(' ')

/** The SQLSTATE of a statement that a cancel request has hit. */
const canceled = '57014'

/** The query texts in pg_stat_activity while the server opens or closes a guard. */
export const guardTexts: readonly string[] = Object.values(guardStatements)

/** Servers before 17 do not know it, so that it is sent only where it is needed. */
const withoutTransactionTimeout = `${connectionOptions} -c transaction_timeout=0`

/**
 * Whether a function of the database may leave a cursor open, which a server closes at the end of the transaction,
 * whether one may read statistics, whether one may deallocate statements, and whether the transaction would time out: one row, in a form that does not depend on standard_conforming_strings. 16384 is the
 * first id that is not a system object's; the functions of pg_stat_statements are in C.
 */
const readFunctions = `SELECT EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE l.lanname = 'plpgsql' AND p.prosrc ~* '(?n)(^|;|begin|then|else|loop|>>)[[:space:]]*open[[:space:]]+["a-z_]'
OR p.oid >= 16384 AND p.prosrc ~* concat(CASE l.lanname WHEN 'sql' THEN '(^|[;''$])' ELSE '[''$]' END,
'[[:space:]]*declare[[:space:]]+(["a-z_%][^;]*[[:space:]]cursor[[:space:]]|'')')),
EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE p.oid >= 16384 AND l.lanname NOT IN ('c', 'internal') AND p.prosrc ILIKE '%pg_stat%'),
EXISTS (SELECT FROM pg_catalog.pg_proc WHERE oid >= 16384 AND prosrc ILIKE '%deallocate%'),
coalesce(pg_catalog.current_setting('transaction_timeout', true), '0') <> '0'`

// Prepared statements, since a simple Query would destroy the session's unnamed statement.
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
} as const
const keep = bindAndExecute('reprise_keep_notifications')
const undo = Buffer.concat([bindAndExecute('reprise_end'), bindAndExecute('reprise_unlock'), sync])

/** For each message that executes a statement of the guard, what prepares it again; answered by two messages as well. */
const preparations: ReadonlyMap<Buffer, Buffer> = new Map(
  Object.entries({
    reprise_begin: begin,
    reprise_save: save,
    reprise_save_inner: saveInner,
    reprise_release: release,
    reprise_rollback: rollBack,
    reprise_rollback_inner: rollBackInner,
    reprise_read_only: accesses['read only'][0],
    reprise_default_access: accesses.default[0],
    reprise_keep_notifications: keep,
  } as const).map(([name, message]) => [message, prepareAgain(name as keyof typeof guardStatements)]),
)

/** Undoes the same where statements may be deallocated, and prepares all of them again. */
const undoAnew = Buffer.concat([
  ...[guardStatements.reprise_end, guardStatements.reprise_unlock].flatMap(sql => [parse('', sql), bindAndExecute('')]),
  ...(Object.keys(guardStatements) as (keyof typeof guardStatements)[]).map(prepareAgain),
  sync,
])

function prepareAgain(name: keyof typeof guardStatements): Buffer {
  return Buffer.concat([closeStatement(name), parse(name, guardStatements[name])])
}

/**
 * How a guard ends: its work is kept or undone. keep: like release, for a lone statement that leaves only rows behind,
 * so that its savepoint can remain open.
 */
type GuardEnd = 'release' | 'keep' | 'rollback'

/** The options of a new guard. */
export type GuardOptions = {
  /** default: the value of default_transaction_read_only. */
  access: keyof typeof accesses
  /** Some session listens for notifications. */
  heard: boolean
}

/** What the functions of the database may do in any statement. */
type FunctionUses = { mayOpenCursors: boolean; mayReadStatistics: boolean; mayDeallocate: boolean }

/**
 * Adds no round trips: BEGIN, the guard's SAVEPOINT and the end of the previous guard are sent in the same write as the
 * statement that needs them.
 */
export class SharedTransaction implements ServerRoute {
  readonly upstream: ServerConnection
  applied: AppliedSettings = noSettings
  unnamedOwner: unknown
  /** The guard's savepoint exists and belongs to the session that holds the connection lock. */
  guarded = false
  /** Any statement may leave a cursor open, by a function that it calls. */
  mayOpenCursors: boolean
  /** Any statement may read statistics of the server, by a function or a view. */
  mayReadStatistics: boolean
  /** Any statement may deallocate those of the guard, by a function or a block. */
  mayDeallocate: boolean
  readonly #atFirst: FunctionUses
  #begun = false
  #abandoned: string[] = []
  #unfinished: GuardEnd | undefined
  /** The depth of nested guards; the innermost is the session's. */
  #layers = 0

  readonly constraints: DeferredConstraints

  private constructor(upstream: ServerConnection, constraints: DeferredConstraints, uses: FunctionUses) {
    this.upstream = upstream
    this.#atFirst = uses
    this.mayOpenCursors = uses.mayOpenCursors
    this.mayReadStatistics = uses.mayReadStatistics
    this.mayDeallocate = uses.mayDeallocate
    this.constraints = constraints
  }

  /** `observe`: as for any connection to a server. */
  static async connect(
    url: string,
    observe?: (login: ServerLogin) => void,
    options = connectionOptions,
  ): Promise<SharedTransaction> {
    const upstream = await ServerConnection.connect(url, options, observe)
    const statements = Object.entries(guardStatements).map(([name, sql]) => parse(name, sql))
    const queries = [readConstraints, readFunctions].flatMap(sql => [parse('', sql), bindAndExecute('')])
    const exchange = upstream.exchange(Buffer.concat([...statements, ...queries, sync]))
    const response = await exchange.catch((lost: Error) => {
      // On a busy machine, even this may take longer than transaction_timeout.
      if (options !== withoutTransactionTimeout && lost.message.endsWith('(25P04)')) return undefined
      throw lost
    })
    if (!response) return SharedTransaction.connect(url, observe, withoutTransactionTimeout)
    const { error, rows } = response
    if (error) throw new Error(`The sandbox cannot prepare its savepoints: ${error.message} (${error.code})`)
    const uses = (rows.pop() ?? []).map(value => value === 't')
    const [mayOpenCursors = false, mayReadStatistics = false, mayDeallocate = false, timesOut] = uses
    if (timesOut && options !== withoutTransactionTimeout) {
      await upstream.end()
      return SharedTransaction.connect(url, observe, withoutTransactionTimeout)
    }
    return new SharedTransaction(
      upstream,
      new DeferredConstraints(rows, upstream.parameters.get('is_superuser') === 'on'),
      { mayOpenCursors, mayReadStatistics, mayDeallocate },
    )
  }

  /** Messages that open a new guard; each is answered by two messages, as BindComplete and CommandComplete. */
  openGuard({ access, heard }: GuardOptions): Buffer[] {
    const messages = this.#begun ? this.#end() : [begin]
    messages.push(this.#layers === 0 ? save : saveInner, ...accesses[access])
    this.#layers++
    if (heard) messages.push(keep)
    this.#begun = true
    this.guarded = true
    this.constraints.guarded()
    return this.#prepared(messages)
  }

  /** Closes the guard: its work is kept or undone before the next statement runs. */
  closeGuard(outcome: GuardEnd): void {
    this.guarded = false
    this.#unfinished = outcome
    if (outcome === 'rollback') this.constraints.rolledBack()
  }

  /**
   * Applies a session's settings before its guard is opened. Resolves with the ParameterStatus messages of the server.
   * Throws the server's error, which does not fail the transaction.
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

  /**
   * Rolls back everything since the first statement. Throws if the connection is lost or was no longer in the
   * transaction.
   */
  async rollBack(): Promise<void> {
    if (this.#abandoned.length > 0) await this.#forget()
    this.mayOpenCursors = this.#atFirst.mayOpenCursors
    this.mayReadStatistics = this.#atFirst.mayReadStatistics
    const end = this.mayDeallocate ? undoAnew : undo
    this.mayDeallocate = this.#atFirst.mayDeallocate
    if (!this.#begun) return
    this.#begun = false
    this.guarded = false
    this.#unfinished = undefined
    this.#layers = 0
    this.applied = noSettings
    this.unnamedOwner = undefined
    this.constraints.reset()
    let answer = await this.upstream.exchange(end)
    // A cancel request that came too late for its statement can hit the ROLLBACK instead.
    if (answer.error?.code === canceled) answer = await this.upstream.exchange(end)
    if (answer.error) throw new Error(`The sandbox could not roll back: ${answer.error.message} (${answer.error.code})`)
  }

  /** Marks the prepared statements of an ended session, by the prefix of their names; `rollBack` closes them. */
  abandon(prefix: string): void {
    this.#abandoned.push(prefix)
  }

  /** Messages that end a closed guard now; answered like those of `openGuard`. */
  finishGuard(): Buffer[] {
    return this.#prepared(this.#end())
  }

  /** Adds messages that prepare again what may be deallocated. */
  #prepared(messages: Buffer[]): Buffer[] {
    if (!this.mayDeallocate) return messages
    return messages.flatMap(message => {
      const preparation = preparations.get(message)
      return preparation ? [preparation, message] : [message]
    })
  }

  /** A new array of the messages that end a closed guard. */
  #end(): Buffer[] {
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
