/** Reads the transaction modes of BEGIN and SET TRANSACTION, and rejects those that a server rejects. */
import { SessionError } from '../protocol/pg-error.ts'

/** default: that of the parameter default_transaction_read_only. */
export type AccessMode = 'read only' | 'read write' | 'default'

/** `level` as SHOW spells it. Undefined: not specified. */
export type Modes = { access?: AccessMode | undefined; level?: string | undefined }

/** `hasSnapshot`: a query has run; `nested`: the transaction has savepoints. */
export type Progress = { readonly hasSnapshot: boolean; readonly nested: boolean }

/** The last isolation level in a text of SQL or transaction modes, as SHOW spells it. */
export const levelIn = (sql = ''): string | undefined => modesIn(sql).level

/** The access mode and isolation level that are specified last. */
export function modesIn(sql: string): Modes {
  const all = readModes(sql)
  return {
    level: all.findLast(({ level }) => level)?.level,
    access: all.findLast(({ access }) => access)?.access,
  }
}

/** Throws the server's error, as a SessionError, if it would reject the modes of `sql` in a transaction with modes `held`. */
export function refuseModes(sql: string, held: Modes, { hasSnapshot, nested }: Progress): void {
  for (const { level, access } of readModes(sql)) {
    if (level && level !== held.level) {
      if (hasSnapshot) throw refused('SET TRANSACTION ISOLATION LEVEL must be called before any query')
      if (nested) throw refused('SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction')
    }
    if (access === 'read write' && held.access === 'read only') {
      if (nested) throw refused('cannot set transaction read-write mode inside a read-only transaction')
      if (hasSnapshot) throw refused('transaction read-write mode must be set before any query')
    }
    if (level || access) continue
    if (nested) throw refused('SET TRANSACTION [NOT] DEFERRABLE cannot be called within a subtransaction')
    if (hasSnapshot) throw refused('SET TRANSACTION [NOT] DEFERRABLE must be called before any query')
  }
}

const refused = (message: string): SessionError => new SessionError('25001', message)

const mode =
  /\b(?<level>serializable|repeatable\s+read|read\s+(?:un)?committed)\b|\bread\s+(?<access>only|write)\b|\bdeferrable\b/gi

/** In order; [NOT] DEFERRABLE has neither a level nor an access mode. */
function readModes(sql: string): Modes[] {
  return [...sql.matchAll(mode)].map(({ groups: { level, access } = {} }) => ({
    level: level?.replace(/\s+/g, ' ').toLowerCase(),
    access: access === undefined ? undefined : access.toLowerCase() === 'only' ? 'read only' : 'read write',
  }))
}
