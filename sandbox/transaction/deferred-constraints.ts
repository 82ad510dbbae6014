/** Checks deferred constraints at each commit of a session, as a server does at COMMIT, and defers them again. */
import { identifier } from '../sql/quote.ts'

/** Reads the deferrable constraints of the database: schema, name, and whether they are initially deferred. */
export const readConstraints = `SELECT n.nspname, c.conname, c.condeferred
FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
WHERE c.condeferrable`

/** The deferrable constraints of the database, as far as a commit has to check them. */
export type Constraints = {
  readonly areThere: boolean
  /** The statement that defers the INITIALLY DEFERRED constraints again; undefined if there are none. */
  readonly deferAgain: string | undefined
}

const noConstraints: Constraints = { areThere: false, deferAgain: undefined }

/** `rows`: the result of `readConstraints`. */
export function constraintsOf(rows: readonly (readonly (string | null)[])[]): Constraints {
  const deferred = rows.filter(([, , initially]) => initially === 't')
  if (rows.length === 0) return noConstraints
  if (deferred.length === 0) return { areThere: true, deferAgain: undefined }
  const names = new Set(deferred.map(([schema, name]) => `${identifier(schema)}.${identifier(name)}`))
  const which = deferred.length === rows.length ? 'ALL' : [...names].join(', ')
  return { areThere: true, deferAgain: `SET CONSTRAINTS ${which} DEFERRED` }
}

/** The statements that check the deferred constraints. `set`: the transaction has run SET CONSTRAINTS. */
export function checkOf({ areThere, deferAgain }: Constraints, set: boolean): string[] {
  if (!areThere || !(deferAgain || set)) return []
  return ['SET CONSTRAINTS ALL IMMEDIATE', ...(deferAgain ? [deferAgain] : [])]
}

/** Whether a command with this tag can create or drop a constraint. */
export const changesConstraints = (tag: string): boolean => /^(CREATE|ALTER|DROP|DO|CALL|IMPORT)\b/.test(tag)
