/**
 * Checks deferred constraints at each commit of a session, as a server does at COMMIT, and defers them again. The server
 * checks them early only at SET CONSTRAINTS, and that holds until the end of the shared transaction.
 */
import { isOfRows } from '../protocol/backend-messages.ts'
import { identifier } from '../sql/quote.ts'
import type { Run } from '../sql/run-sql.ts'

/**
 * Reads the deferrable constraints of the database: schema, name, whether they are initially deferred, object id, and
 * whether a role that is no superuser may name them. A row without a schema tells of functions: `change`, if some may create
 * others, or drop or rename those that are named; `execute`, if some execute SQL that they are given. 16384 is the first id
 * that is not a system object's.
 */
export const readConstraints = `SELECT n.nspname, c.conname, c.condeferred, c.oid,
  pg_catalog.has_schema_privilege(session_user, n.oid, 'USAGE')
FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
WHERE c.condeferrable
UNION ALL SELECT NULL, 'change', NULL, NULL, NULL
WHERE EXISTS (SELECT FROM pg_catalog.pg_proc WHERE oid >= 16384 AND (prosrc ILIKE '%deferr%'
  OR prosrc ~* '(alter|drop|including|partition)[[:space:]]' AND EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE condeferrable AND NOT condeferred)))
UNION ALL SELECT NULL, 'execute', NULL, NULL, NULL
WHERE EXISTS (SELECT FROM pg_catalog.pg_proc WHERE oid >= 16384 AND prosrc ILIKE '%execute%')`

/** SQL that may create, alter or drop deferrable constraints; as copies of others, by LIKE and PARTITION OF. */
const definition = /\b(?:alter|drop|deferrable|deferred|including|partition)\b/i

/** A row of `readConstraints`. */
type Row = readonly (string | null)[]

/** The deferrable constraints of the database. */
type Constraints = {
  readonly areThere: boolean
  /** Some are initially deferred. */
  readonly areDeferred: boolean
  /** The names, for SET CONSTRAINTS, of those that are initially immediate, and what stands for each of these. */
  readonly immediate: ReadonlyMap<string, string>
  /** Differs if any of them is another, or was altered; undefined if SET CONSTRAINTS may not be in force for them. */
  readonly version: string | undefined
  /** Any statement may call a function that creates or alters some. */
  readonly mayChange: boolean
  /** A statement may, if its text or parameters have SQL that does so. */
  readonly mayExecute: boolean
}

interface Session {
  /** Its open transaction has run SET CONSTRAINTS, with names or for ALL. */
  readonly hasSetConstraints: boolean
  /** It may run as another role than the sandbox. */
  readonly mayHaveRole: boolean
}

/** Replaced and never changed, so that a rollback can return to an earlier one. */
type Progress = {
  readonly constraints: Constraints
  /** A command may have changed the constraints since they were read. */
  readonly isStale: boolean
  /** SET CONSTRAINTS ALL is in force: without it, a new constraint begins as it was declared. */
  readonly isSet: boolean
  /** Rows may be waiting for the check of a constraint, even of one that was dropped. */
  readonly arePending: boolean
}

export class DeferredConstraints {
  readonly #atFirst: Progress
  #progress: Progress
  #atGuard: Progress
  /** Since the guard was opened, a statement was sent whose text or parameters have a `definition`. */
  #isGiven = false

  readonly #isSuperuser: boolean

  /** `rows`: the result of `readConstraints`. `isSuperuser`: of the sandbox's own role, which then may use each schema. */
  constructor(rows: readonly Row[], isSuperuser: boolean) {
    this.#isSuperuser = isSuperuser
    const constraints = constraintsOf(rows, isSuperuser)
    this.#atFirst = { constraints, isStale: false, isSet: false, arePending: constraints.areDeferred }
    this.#progress = this.#atFirst
    this.#atGuard = this.#atFirst
  }

  /** A commit has to check constraints, or to find out whether it has to. */
  get mayNeedCheck(): boolean {
    return this.#progress.isStale || this.#progress.arePending
  }

  /** New constraints may not be in force as they were declared. */
  get mayNeedRestating(): boolean {
    return this.#progress.isStale && this.#progress.isSet
  }

  /** A new constraint may not be in force as it was declared. */
  get areSet(): boolean {
    return this.#progress.isSet
  }

  /** New constraints of a statement with this text may not be in force as they were declared. */
  mayDefine(sql: string): boolean {
    return this.areSet && definition.test(sql)
  }

  /** Called before a statement with this text, or with the parameters in this Bind, is run. */
  given(sql: string | Buffer): void {
    if (!this.#progress.constraints.mayExecute || this.#isGiven) return
    this.#isGiven = definition.test(typeof sql === 'string' ? sql : sql.toString('latin1'))
  }

  /** Called after a command with this tag has completed. */
  completed(tag: string): void {
    const { constraints, isStale, arePending } = this.#progress
    if (isOfRows(tag) && !constraints.mayChange && !this.#isGiven) return
    if (/^(CREATE|ALTER|DROP|DISCARD|DO|CALL|IMPORT)\b/.test(tag) || constraints.mayChange || this.#isGiven) {
      // One that was created and dropped again since, or what SET CONSTRAINTS in a function or a block has deferred.
      const mayPend = /^(DROP|DISCARD)\b/.test(tag)
        ? isStale
        : constraints.areThere && !/^(CREATE|ALTER|IMPORT)\b/.test(tag)
      this.#progress = { ...this.#progress, isStale: true, arePending: arePending || mayPend }
    }
    // It may have undone what `restate` has set.
    if (tag === 'ROLLBACK' && this.#progress !== this.#atGuard) {
      this.#progress = { ...this.#progress, constraints: { ...constraints, version: undefined }, isStale: true }
    }
  }

  /** A guard is opened. */
  guarded(): void {
    this.#atGuard = this.#progress
    this.#isGiven = false
  }

  /** The work since the guard was opened is undone. */
  rolledBack(): void {
    this.#progress = this.#atGuard
  }

  /** The shared transaction is rolled back. */
  reset(): void {
    this.#progress = this.#atFirst
  }

  /**
   * Returns the statements that check the deferred constraints and defer them again. The caller undoes the work since the
   * guard if they fail.
   */
  async check(run: Run, session: Session): Promise<string[]> {
    const wasSet = session.hasSetConstraints
    const { version, areThere: wereThere } = this.#progress.constraints
    const { constraints, arePending, isSet } = await this.#read(run)
    const hasToCheck = arePending || (wasSet && (wereThere || constraints.areThere))
    const hasToRestate = isSet && constraints.areThere && constraints.version !== version
    this.#progress = {
      constraints,
      isStale: false,
      isSet: isSet || wasSet || hasToCheck,
      arePending: constraints.areDeferred,
    }
    if (!hasToCheck && !hasToRestate) return []
    const deferAgain = await deferring(constraints, run, session)
    return hasToCheck ? ['SET CONSTRAINTS ALL IMMEDIATE', ...deferAgain] : deferAgain
  }

  /**
   * Returns the statements for new constraints to be in force as they were declared, before the end of the transaction. Those
   * that are not new may be in force as the session has set them, by their names.
   */
  async restate(run: Run, session: Session): Promise<string[]> {
    const before = this.#progress.constraints
    const { constraints } = await this.#read(run)
    if (constraints.version === before.version) return []
    if (!session.hasSetConstraints) return deferring(constraints, run, session)
    const known = before.version === undefined ? this.#atGuard.constraints : before
    const added = [...constraints.immediate].filter(([name, those]) => known.immediate.get(name) !== those)
    return naming(
      added.map(([name]) => name),
      run,
      session,
    )
  }

  async #read(run: Run): Promise<Progress> {
    if (this.#progress.isStale) {
      const constraints = constraintsOf(await run(readConstraints), this.#isSuperuser)
      const arePending = this.#progress.arePending || constraints.areDeferred
      this.#progress = { ...this.#progress, constraints, isStale: false, arePending }
    }
    return this.#progress
  }
}

function constraintsOf(rows: readonly Row[], isSuperuser: boolean): Constraints {
  const nameOf = ([schema, name]: Row) => `${identifier(schema)}.${identifier(name)}`
  const named = rows.filter(([schema]) => schema !== null)
  const deferred = new Set(named.filter(([, , initially]) => initially === 't').map(nameOf))
  // A name stands for all constraints of its schema that have it.
  const immediate = new Map<string, string>()
  for (const row of named) {
    const name = nameOf(row)
    const isUsable = isSuperuser || row[4] === 't'
    if (isUsable && !deferred.has(name)) immediate.set(name, `${immediate.get(name) ?? ''} ${row.slice(0, 4)}`)
  }
  const has = (what: string) => rows.some(([schema, name]) => schema === null && name === what)
  return {
    areThere: named.length > 0,
    areDeferred: deferred.size > 0,
    immediate,
    version: rows.map(row => row.slice(0, 4)).join('\n'),
    mayChange: has('change'),
    mayExecute: has('execute'),
  }
}

/**
 * The statements that put every constraint into force as it was declared. They name the immediate ones, since to name a
 * deferred one fails where another constraint has its name and is not deferrable.
 */
async function deferring({ immediate }: Constraints, run: Run, session: Session): Promise<string[]> {
  return ['SET CONSTRAINTS ALL DEFERRED', ...(await naming([...immediate.keys()], run, session))]
}

/** The statements that put the constraints with these names into force at once. */
async function naming(names: readonly string[], run: Run, { mayHaveRole }: Session): Promise<string[]> {
  if (names.length === 0) return []
  const name = `SET CONSTRAINTS ${names.join(', ')} IMMEDIATE`
  if (!mayHaveRole) return [name]
  // A role may lack the privilege to use the schema of a name.
  const [[user, role] = []] = await run(readRole)
  return [
    'SET SESSION AUTHORIZATION DEFAULT',
    name,
    `SET SESSION AUTHORIZATION ${identifier(user)}`,
    `SET ROLE ${identifier(role)}`,
  ]
}

const readRole = "SELECT session_user, pg_catalog.current_setting('role')"
