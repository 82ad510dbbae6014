/** The state of a session, apart from its connection: transaction, settings, prepared statements, channels. */

import type { Command } from '../sql/commands/command.ts'
import type { LexicalOptions } from '../sql/lexer/tokenizer.ts'
import { ListenChannels } from './listen/listen-channels.ts'
import { PreparedStatements } from './prepared-statements.ts'
import type { SessionDefaults } from './session-defaults.ts'
import { PendingSettings } from './settings/pending-settings.ts'
import { ReportedParameters } from './settings/reported-parameters.ts'
import { readSetConfigNotice } from './settings/set-config-notice.ts'
import {
  type AppliedSettings,
  areEqual,
  characteristics,
  noSettings,
  type Setting,
  type Settings,
  type StartSettings,
  withheldSettings,
} from './settings/settings.ts'
import { type AccessMode, levelIn } from './transaction-modes.ts'
import { TransactionState } from './transaction-state.ts'

export class SessionState {
  readonly transaction = new TransactionState()
  readonly statements: PreparedStatements
  readonly channels = new ListenChannels()
  readonly reportedParameters = new ReportedParameters()
  /** What holds for the session: what it has begun with, set and committed. */
  settings: Settings = noSettings
  /** What its open transaction has set. */
  readonly pendingSettings = new PendingSettings()
  /** A statement has failed since the last ReadyForQuery: outside a transaction, all that was done since is undone. */
  hasFailed = false
  /** Its open transaction has run SET CONSTRAINTS. */
  hasSetConstraints = false
  /** Its open transaction may have cursors open. */
  mayHaveCursors = false
  /** It may have temporary tables. */
  mayHaveTemporary = false
  #mayHoldCursors = false
  /** How the session's SQL is to be read; undefined for what is usual. */
  lexicalOptions: LexicalOptions | undefined
  /** The server's major version. */
  serverVersion = Number.POSITIVE_INFINITY
  #start: SessionDefaults | undefined

  constructor(sessionId: number) {
    this.statements = new PreparedStatements(sessionId)
  }

  /** The session has come in. */
  begin(start: SessionDefaults): void {
    this.#start = start
    this.settings = start.settings
    this.serverVersion = Number.parseInt(start.parameters.get('server_version') ?? '', 10)
    this.reportedParameters.begin(start.parameters)
    this.#readStringsAs(start.parameters.get('standard_conforming_strings'))
  }

  /** The server has sent a ParameterStatus. */
  reported(frame: Buffer): void {
    const { name, value } = this.reportedParameters.receive(frame)
    if (name === 'standard_conforming_strings') this.#readStringsAs(value)
  }

  /** What the session returns to by RESET. */
  get startSettings(): StartSettings {
    return this.#start?.settings ?? noSettings
  }

  /** Would a server let it SET SESSION AUTHORIZATION to this role, or (undefined) to any? It may still say no itself. */
  mayBecome(role: string | undefined): boolean {
    return !this.#start || this.#start.mayBecomeAnyRole || role === this.#start.user
  }

  /** Is this setting kept, and not sent? One that the server does not know, it shall refuse itself. */
  withholds(name: string): boolean {
    return (withheldSettings.get(name) ?? Number.POSITIVE_INFINITY) <= this.serverVersion
  }

  /** How the session has set a parameter at present, also within the open transaction; undefined if it has not. */
  settingOf(name: string): Setting | undefined {
    return this.pendingSettings.settingOf(name, this.settings, this.startSettings)
  }

  /** It does not differ from that of a new session. */
  get isLikeNew(): boolean {
    return areEqual(this.settings, this.startSettings) && !this.channels.mayListen
  }

  /** What the session's next statement may do; `default` leaves it to the server's setting. */
  get access(): AccessMode {
    const { access } = this.transaction
    const isSet = this.settings.has('default_transaction_read_only') || this.settings.has(characteristics)
    return access ?? (isSet ? 'default' : 'read write')
  }

  /** The isolation level that the session has asked for; undefined if it never did. */
  get level(): string | undefined {
    const { status, level } = this.transaction
    return (status === 'I' ? undefined : level) ?? this.defaultLevel
  }

  /** That of its next transaction. */
  get defaultLevel(): string | undefined {
    const { settings } = this
    return levelOf(settings.get('default_transaction_isolation')) ?? levelOf(settings.get(characteristics))
  }

  /** A command was run for the session. */
  note(command: Command, sql: string): void {
    this.pendingSettings.note(command, sql)
    this.channels.note(command)
    if (command.kind === 'set constraints') this.hasSetConstraints = true
    if (command.kind === 'declare') this.mayHaveCursors = true
    if (command.kind === 'declare' && command.hold) this.#mayHoldCursors = true
  }

  /** The transaction was committed. `values`: of the `parametersToRead` of the pending settings. Returns what holds on the connection now. */
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
    if (call) this.pendingSettings.noteSetConfig(call)
    return call !== undefined
  }

  /** The server has run a SAVEPOINT, RELEASE or ROLLBACK TO. */
  movedSavepoints(): void {
    this.pendingSettings.done()
    this.channels.done()
  }

  /** A command has failed, and the others that were sent with it are skipped. */
  failed(): void {
    this.pendingSettings.failed()
    this.channels.failed()
  }

  /** A command with this tag was run. */
  completed(tag: string): void {
    if (/^(DECLARE|FETCH|MOVE)/.test(tag)) this.mayHaveCursors = true
    this.transaction.completed(tag)
  }

  /** The statements by which a DISCARD ALL ends what the session may have on the connection, besides settings. */
  get remains(): string[] {
    return [...(this.#mayHoldCursors ? ['CLOSE ALL'] : []), ...(this.mayHaveTemporary ? ['DISCARD TEMP'] : [])]
  }

  /** Forgets everything but its statements, as DISCARD ALL does. */
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
    this.hasSetConstraints = false
    this.mayHaveCursors = false
  }
}

const levelOf = (setting: Setting | undefined): string | undefined =>
  levelIn(setting?.kind === 'value' ? setting.value : setting?.sql)
