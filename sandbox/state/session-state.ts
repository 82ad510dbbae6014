/** Holds what a backend would hold for one session: transaction, settings, prepared statements, channels. */

import type { LexicalOptions } from '../../postgres/lexer/tokenizer.ts'
import { isOfRows } from '../protocol/backend-messages.ts'
import { assignedValue } from '../sql/commands/assigned-value.ts'
import { type BlockSetting, type Command, callsIn } from '../sql/commands/command.ts'
import type { SetConfigCall } from '../sql/commands/set-config.ts'
import { modesOf } from '../sql/commands/setting-commands.ts'
import { ListenChannels } from './listen/listen-channels.ts'
import { PreparedStatements } from './prepared-statements.ts'
import { SavepointLog } from './savepoint-log.ts'
import type { SessionDefaults } from './session-defaults.ts'
import { PendingSettings } from './settings/pending-settings.ts'
import { ReportedParameters } from './settings/reported-parameters.ts'
import { readSetConfigNotice } from './settings/set-config-notice.ts'
import {
  type AppliedSettings,
  areEqual,
  characteristics,
  identities,
  noSettings,
  type Setting,
  type Settings,
  type StartSettings,
  withheldSettings,
} from './settings/settings.ts'
import { setsExitOnError } from './settings/withheld-value.ts'
import { type AccessMode, levelIn } from './transaction-modes.ts'
import { TransactionState } from './transaction-state.ts'

/** A completed command that sets a savepoint, releases it, or rolls back to it. */
type SavepointMove = Command & { kind: 'savepoint' | 'release' | 'rollback to' }

/** A setting that a function or a block has set on the connection; `local`: until the end of the transaction. */
type Misplaced = { readonly name: string; readonly local: boolean }

export class SessionState {
  readonly transaction = new TransactionState()
  readonly statements: PreparedStatements
  readonly channels = new ListenChannels()
  readonly reportedParameters = new ReportedParameters()
  /** The settings that it started with, or has set and committed. */
  settings: Settings = noSettings
  /** The settings that its open transaction has changed. */
  readonly pendingSettings = new PendingSettings()
  /** A statement has failed since the last ReadyForQuery: outside a transaction, all that was done since is undone. */
  hasFailed = false
  /** Its open transaction may have cursors open. */
  mayHaveCursors = false
  /** Its open transaction has read statistics of the server, and reads the same again until it ends. */
  hasReadStatistics = false
  /** Its open transaction has completed an ALTER TYPE. */
  hasAlteredType = false
  /** It may have temporary tables. */
  mayHaveTemporary = false
  #mayHoldCursors = false
  /** The SET CONSTRAINTS of its open transaction. */
  readonly #setConstraints = new SavepointLog<'all' | 'named'>()
  /** The savepoint commands that were sent and are not completed, and those that are, since they were last taken. */
  #movesSent: SavepointMove[] = []
  #moves: SavepointMove[] = []
  /** The withheld settings that a function or a block has set on the connection, where they must not stay. */
  #misplaced: Misplaced[] = []
  /** A block that has not ended sets exit_on_error, if it is reached. */
  isInExitingBlock = false
  /** How its SQL is tokenized; undefined for the default. */
  lexicalOptions: LexicalOptions | undefined
  /** The server's major version. */
  serverVersion = Number.POSITIVE_INFINITY
  #start: SessionDefaults | undefined

  constructor(sessionId: number) {
    this.statements = new PreparedStatements(sessionId)
  }

  /** The session has started. */
  begin(start: SessionDefaults): void {
    this.#start = start
    this.settings = start.settings
    this.serverVersion = Number.parseInt(start.parameters.get('server_version') ?? '', 10)
    this.reportedParameters.begin(start.parameters)
    this.#readStringsAs(start.parameters.get('standard_conforming_strings'))
  }

  /** The server has sent a ParameterStatus frame. */
  reported(frame: Buffer): void {
    const { name, value } = this.reportedParameters.receive(frame)
    if (name === 'standard_conforming_strings') this.#readStringsAs(value)
  }

  /** The settings that RESET returns to. */
  get startSettings(): StartSettings {
    return this.#start?.settings ?? noSettings
  }

  /** Whether a server would accept SET SESSION AUTHORIZATION to this role, or (undefined) to any role. */
  mayBecome(role: string | undefined): boolean {
    return !this.#start || this.#start.mayBecomeAnyRole || role === this.#start.user
  }

  /** Whether the parameter is kept here instead of being sent. The server itself rejects one that it does not know. */
  withholds(name: string): boolean {
    return (withheldSettings.get(name) ?? Number.POSITIVE_INFINITY) <= this.serverVersion
  }

  /** The present setting of a parameter, the open transaction included; undefined if the session has none. */
  settingOf(name: string): Setting | undefined {
    return this.pendingSettings.settingOf(name, this.settings, this.startSettings)
  }

  /** An error ends it. */
  get exitsOnError(): boolean {
    if (this.settings.size === 0 && this.pendingSettings.isEmpty) return false
    const setting = this.settingOf('exit_on_error')
    return setting?.kind === 'value' && setting.value === 'on'
  }

  /** Whether `client_min_messages` lets warnings through: it applies to those of the sandbox as well. */
  get receivesWarnings(): boolean {
    const setting = this.settingOf('client_min_messages')
    const value = setting?.kind === 'statement' ? assignedValue(setting.sql) : setting?.value
    return !/^(error|fatal|panic)$/i.test(value ?? '')
  }

  /** It may run as another role than the sandbox's own. */
  get mayHaveRole(): boolean {
    return !this.pendingSettings.isEmpty || identities.some(name => this.settings.has(name))
  }

  /** Its open transaction has run SET CONSTRAINTS. */
  get hasSetConstraints(): boolean {
    return !this.#setConstraints.isEmpty && this.#setConstraints.entries.length > 0
  }

  /** Its open transaction has run SET CONSTRAINTS ALL, which is in force for later constraints as well. */
  get hasSetAllConstraints(): boolean {
    return this.#setConstraints.entries.includes('all')
  }

  /** Whether it equals the state of a session that has just started. */
  get isLikeNew(): boolean {
    return areEqual(this.settings, this.startSettings) && !this.channels.mayListen
  }

  /** The access mode for the next statement; `default`: that of default_transaction_read_only. */
  get access(): AccessMode {
    const { access } = this.transaction
    const isSet = this.settings.has('default_transaction_read_only') || this.settings.has(characteristics)
    return access ?? (isSet ? 'default' : 'read write')
  }

  /** The isolation level that the session has set; undefined for none. */
  get level(): string | undefined {
    const { status, level } = this.transaction
    return (status === 'I' ? undefined : level) ?? this.defaultLevel
  }

  /** The isolation level of its next transaction; undefined if it has set none. */
  get defaultLevel(): string | undefined {
    const { settings } = this
    return levelOf(settings.get('default_transaction_isolation')) ?? levelOf(settings.get(characteristics))
  }

  /** Follows a command that was sent to the server. */
  note(command: Command, sql: string): void {
    if (command.kind === 'do') for (const setting of command.settings) this.#noteInBlock(setting)
    else this.pendingSettings.note(command, sql)
    for (const call of callsIn(command)) this.#noteModes(call)
    this.channels.note(command)
    this.transaction.note(command)
    if (command.kind === 'set constraints') this.#setConstraints.add(command.all ? 'all' : 'named')
    else if (command.kind === 'savepoint') this.#setConstraints.savepoint(command.name)
    else if (command.kind === 'release') this.#setConstraints.release(command.name)
    else if (command.kind === 'rollback to') this.#setConstraints.rollBackTo(command.name)
    if (command.kind === 'savepoint' || command.kind === 'release' || command.kind === 'rollback to') {
      this.#movesSent.push(command)
    }
    if (command.kind === 'declare') this.mayHaveCursors = true
    if (command.kind === 'declare' && command.hold) this.#mayHoldCursors = true
  }

  /**
   * The transaction was committed. `values`: of the `parametersToRead` of the pending settings. Returns the settings that
   * are now in force on the connection.
   */
  commit(values?: ReadonlyMap<string, string | null>): AppliedSettings {
    const { settings, applied } = this.pendingSettings.commit(this.settings, values, this.startSettings)
    this.settings = settings
    this.channels.commit()
    this.#forgetWork()
    return applied
  }

  rollBack(): void {
    this.pendingSettings.clear()
    this.channels.rollBack()
    this.#forgetWork()
  }

  /** Reads a template's notice of what set_config() has changed, which is not for the client; false for any other notice. */
  configured(notice: Buffer): boolean {
    const call = readSetConfigNotice(notice)
    if (call) this.#noteSetConfig(call)
    return call !== undefined
  }

  /** Withheld settings have to be taken off the connection. */
  get hasMisplaced(): boolean {
    return this.#misplaced.length > 0
  }

  /** Returns the withheld settings to take off the connection, and forgets them. */
  takeMisplaced(): readonly Misplaced[] {
    const misplaced = this.#misplaced
    this.#misplaced = []
    this.isInExitingBlock = false
    return misplaced
  }

  #noteSetConfig(call: SetConfigCall): void {
    const { name, local = false } = call
    if (name !== undefined && this.withholds(name)) this.#misplaced.push({ name, local })
    else {
      this.#noteModes(call)
      this.pendingSettings.noteSetConfig(call)
    }
  }

  #noteModes({ name, value, constant }: SetConfigCall): void {
    const given = value ?? constant
    const modes = name !== undefined && given !== undefined ? modesOf(name, given) : undefined
    if (modes !== undefined) this.transaction.noteModes(modes)
  }

  /** Only the server can read the value of a SET. A command may not have been reached. */
  #noteInBlock({ command, sql, assignment }: BlockSetting): void {
    if (command.kind === 'set')
      this.#noteSetConfig({ name: command.name, local: command.scope === 'local', statement: sql })
    if (assignment && setsExitOnError(assignment.text)) this.isInExitingBlock = true
    if (command.kind === 'set config') for (const call of command.calls) this.#noteSetConfig(call)
    if (command.kind === 'set transaction') this.transaction.noteModes(command.modes)
    if (command.kind === 'set' && command.modes !== undefined) this.transaction.noteModes(command.modes)
    if (command.kind !== 'reset') return
    const { name } = command
    if (name === 'all' || this.startSettings.has(name) || this.withholds(name)) {
      this.pendingSettings.note(command, '')
      // On the connection it may return to another value.
      this.pendingSettings.add({ kind: 'unknown parameter' })
    } else this.#noteSetConfig({ name, local: false, statement: 'RESET' })
  }

  /** The server has completed a SAVEPOINT, RELEASE or ROLLBACK TO. */
  movedSavepoints(): void {
    const move = this.#movesSent.shift()
    if (move) this.#moves.push(move)
    this.pendingSettings.done()
    this.channels.done()
    this.transaction.movedSavepoints()
    this.#setConstraints.done()
  }

  /** A command has failed, and the server skips the others that were sent with it. */
  failed(): void {
    this.pendingSettings.failed()
    this.channels.failed()
    this.transaction.skippedSavepoints()
    this.#movesSent = []
    this.#setConstraints.failed()
  }

  /** A command with this command tag has completed. */
  completed(tag: string): void {
    if (isOfRows(tag)) {
      this.transaction.ranQuery()
      return
    }
    if (/^(DECLARE|FETCH|MOVE)/.test(tag)) this.mayHaveCursors = true
    else if (tag === 'ALTER TYPE') this.hasAlteredType = true
    this.transaction.completed(tag)
  }

  /** The savepoints of its open transaction have moved. */
  get hasMovedSavepoints(): boolean {
    return this.#moves.length > 0
  }

  /** Returns how its savepoints have moved, and forgets it. */
  takeSavepointMoves(): readonly SavepointMove[] {
    const moves = this.#moves
    this.#moves = []
    return moves
  }

  /** The statements that DISCARD ALL needs on the connection, besides those for settings. */
  get remains(): string[] {
    return [...(this.#mayHoldCursors ? ['CLOSE ALL'] : []), ...(this.mayHaveTemporary ? ['DISCARD TEMP'] : [])]
  }

  /** Resets all but the prepared statements, as DISCARD ALL does. */
  discard(): void {
    this.mayHaveTemporary = false
    this.#mayHoldCursors = false
    this.settings = this.startSettings
    this.channels.clear()
  }

  #readStringsAs(standardConforming: string | undefined): void {
    this.lexicalOptions = standardConforming === 'off' ? { standardConformingStrings: false } : undefined
  }

  #forgetWork(): void {
    this.#setConstraints.clear()
    this.mayHaveCursors = false
    this.hasReadStatistics = false
    this.hasAlteredType = false
    if (this.#movesSent.length > 0) this.#movesSent = []
    if (this.#moves.length > 0) this.#moves = []
    if (this.#misplaced.length > 0) this.#misplaced = []
    this.isInExitingBlock = false
  }
}

const levelOf = (setting: Setting | undefined): string | undefined =>
  levelIn(setting?.kind === 'value' ? setting.value : setting?.sql)
