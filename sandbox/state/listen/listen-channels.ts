/** Keeps the channels that a session listens to. LISTEN and UNLISTEN take effect at the commit. */

import type { Command } from '../../sql/commands/command.ts'
import { SavepointLog } from '../savepoint-log.ts'

/** `channel` is null for UNLISTEN *; `statement` keeps a notification that no session listened to. */
type Change = { kind: 'listen' | 'unlisten'; channel: string | null } | { kind: 'notify'; statement: string }

export class ListenChannels {
  /** The channels with a committed LISTEN. */
  listened: ReadonlySet<string> = new Set()
  readonly #changes = new SavepointLog<Change>()

  /** It listens to a channel, or will after the commit. */
  get mayListen(): boolean {
    return this.listened.size > 0 || this.#changes.entries.some(({ kind }) => kind === 'listen')
  }

  /** Keeps a notification for which there is no listener: the session itself may run LISTEN later in the transaction. */
  miss(statement: string): void {
    this.#changes.add({ kind: 'notify', statement })
  }

  /** The statements that keep the notifications of the open transaction for which there was no listener. */
  get missed(): string[] {
    return this.#changes.entries.flatMap(change => (change.kind === 'notify' ? [change.statement] : []))
  }

  note(command: Command): void {
    switch (command.kind) {
      case 'listen':
      case 'unlisten':
        this.#changes.add({ kind: command.kind, channel: command.channel })
        break
      case 'savepoint':
        this.#changes.savepoint(command.name)
        break
      case 'release':
        this.#changes.release(command.name)
        break
      case 'rollback to':
        this.#changes.rollBackTo(command.name)
        break
    }
  }

  /** The server has completed the first of the savepoint commands that were sent. */
  done(): void {
    this.#changes.done()
  }

  /** The server skips the savepoint commands that were sent and are not completed. */
  failed(): void {
    this.#changes.failed()
  }

  commit(): void {
    if (this.#changes.isEmpty) return
    const listened = new Set(this.listened)
    for (const change of this.#changes.entries) {
      if (change.kind === 'notify') continue
      if (change.channel === null) listened.clear()
      else if (change.kind === 'listen') listened.add(change.channel)
      else listened.delete(change.channel)
    }
    this.#changes.clear()
    this.listened = listened
  }

  rollBack(): void {
    this.#changes.clear()
  }

  clear(): void {
    this.#changes.clear()
    this.listened = new Set()
  }
}
