/** What a session is, apart from its connection: its transaction, its settings, its prepared statements. */
import { SessionTransaction } from './session-transaction.ts'
import { noSettings, type Settings } from './settings.ts'
import { SettingsLog } from './settings-log.ts'
import { StatementNames } from './statement-names.ts'

export class SessionRecord {
  readonly transaction = new SessionTransaction()
  readonly statements: StatementNames
  /** What the session has set and committed. */
  settings: Settings = noSettings
  /** What its open transaction has set. */
  readonly log = new SettingsLog()

  constructor(sessionId: number) {
    this.statements = new StatementNames(sessionId)
  }

  /** The transaction was committed. Returns what holds on the connection now. */
  commit(): Settings {
    const { settings, applied } = this.log.commit(this.settings)
    this.settings = settings
    return applied
  }

  /** Forgets everything, as DISCARD ALL does. */
  discard(): void {
    this.settings = noSettings
    this.statements.clear()
  }
}
