/** Renames the prepared statements of PREPARE and EXECUTE: on the server, their names have the session's prefix. */

import { errorResponse, readErrorFields } from '../protocol/backend-messages.ts'
import { closeStatement, runAside, runAsideAnswers } from '../protocol/frontend-messages.ts'
import type { RequestPipeline } from '../server/request-pipeline.ts'
import type { ServerConnection } from '../server/server-connection.ts'
import type { Command } from '../sql/commands/command.ts'
import { type NamedStatement, preparedQuery } from '../sql/commands/prepared-names.ts'
import { type Renamed, rename } from '../sql/rename-statements.ts'
import { parseScript, type Script } from '../sql/script.ts'
import type { PreparedStatement, PreparedStatements } from '../state/prepared-statements.ts'

export class SqlPreparedStatements {
  readonly #statements: PreparedStatements
  readonly #pipeline: RequestPipeline
  /** Statements that were sent to be prepared and are not confirmed yet. */
  #pending: { name: string; statement: PreparedStatement; upstream: ServerConnection }[] = []
  #hasRun = false

  constructor(statements: PreparedStatements, pipeline: RequestPipeline) {
    this.#statements = statements
    this.#pipeline = pipeline
  }

  /**
   * The whole text with the names in this range replaced, after preparing what they name; undefined if it has no names.
   */
  inText(script: Script, from: number, to: number, upstream: ServerConnection): Renamed | undefined {
    this.#hasRun = false
    const names = []
    const fresh = new Set<string>()
    for (let at = from; at < to; at++) {
      const named = script.names[at]
      if (!named) continue
      if (script.commands[at]?.kind === 'prepare') {
        this.#prepare(named, script.statements[at]?.text ?? '', upstream)
        fresh.add(named.name)
      } else if (!fresh.has(named.name)) this.#makeReady(named, upstream)
      names.push({ ...named, serverName: this.#statements.serverName(named.name) })
    }
    return names.length === 0 ? undefined : renameIn(script, names)
  }

  /** The renamed text of a single statement that is itself to be prepared. */
  inStatement(script: Script): Renamed | undefined {
    const [named] = script.names
    if (!named) return undefined
    return renameIn(script, [{ ...named, serverName: this.#statements.serverName(named.name) }])
  }

  /** Prepares, where it is missing, the statement that is named by one about to be executed. */
  makeReady({ names, command, sql }: PreparedStatement, upstream: ServerConnection): void {
    if (!names) return
    if (command.kind === 'prepare') this.#prepare(names, sql, upstream)
    else this.#makeReady(names, upstream)
  }

  /** A preparing statement was executed without a Sync: one is needed before the Query. */
  get hasRun(): boolean {
    return this.#hasRun
  }

  /** A PREPARE has completed on the server. */
  prepared(): void {
    const done = this.#pending.shift()
    if (!done) return
    this.#statements.set(done.name, done.statement)
    done.upstream.prepared.add(done.statement.serverName)
  }

  /** The server has refused a statement, and discards the messages after it. */
  failed(): void {
    this.#pending = []
  }

  #prepare({ name }: NamedStatement, sql: string, upstream: ServerConnection): void {
    const serverName = this.#statements.serverName(name)
    this.#forget(serverName, upstream)
    this.#pending.push({ name, statement: preparedBy(sql, serverName), upstream })
  }

  /** Closes a statement that the session has deallocated but the server still has. */
  #forget(serverName: string, upstream: ServerConnection): void {
    if (!upstream.prepared.delete(serverName)) return
    const undo = (skipped: boolean) => skipped && upstream.prepared.add(serverName)
    this.#pipeline.ask(closeStatement(serverName), { hidden: true, undo })
  }

  #makeReady({ name }: NamedStatement, upstream: ServerConnection): void {
    const known = this.#statements.get(name)
    if (!known) {
      this.#forget(this.#statements.serverName(name), upstream)
      return
    }
    const { serverName, frame, answers = 1 } = known
    if (serverName === '' || upstream.prepared.has(serverName)) return
    upstream.prepared.add(serverName)
    if (answers > 1) this.#hasRun = true
    this.#pipeline.ask(frame, { hidden: true, answers, undo: () => upstream.prepared.delete(serverName) })
  }
}

/** The error with its position in the client's original text, before it was `renamed`. */
export function restorePlace(error: Buffer, renamed: Renamed | undefined): Buffer {
  if (!renamed) return error
  const fields = readErrorFields(error)
  if (fields.position === undefined) return error
  return errorResponse({ ...fields, position: String(renamed.placeOf(Number(fields.position))) })
}

const renameIn = (script: Script, names: readonly (NamedStatement & { serverName: string })[]): Renamed =>
  rename(script.statements[0]?.sql ?? '', names)

/** The statement that a PREPARE has prepared; another connection prepares it with the same PREPARE. */
function preparedBy(sql: string, serverName: string): PreparedStatement {
  const { names, mentionsStatistics } = parseScript(sql)
  const text = names[0] ? rename(sql, [{ ...names[0], serverName }]).sql : sql
  return {
    serverName,
    frame: runAside('reprise_prepare', text),
    answers: runAsideAnswers,
    command: commandPreparedBy(sql),
    sql,
    source: sql,
    readsStatistics: mentionsStatistics,
  }
}

/** The command that the text of a PREPARE prepares. */
export function commandPreparedBy(sql: string): Command {
  const [statement] = parseScript(sql).statements
  const [command] = parseScript((statement && preparedQuery(statement)) ?? '').commands
  return command ?? { kind: 'other', verb: '' }
}
