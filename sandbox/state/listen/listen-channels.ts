/** The channels that a session listens to: LISTEN and UNLISTEN count once their transaction commits. */

import type { Command } from '../../sql/commands/command.ts'
import { SavepointLog } from '../savepoint-log.ts'

/** `channel` is null for all of them; `statement`: what keeps a notification that no session has received yet. */
type Change = { kind: 'listen' | 'unlisten'; channel: string | null } | { kind: 'notify'; statement: string }

export class ListenChannels {
  /** Those that it listens to now. */
  listened: ReadonlySet<string> = new Set()
  readonly #changes = new SavepointLog<Change>()

  /** It listens, or will once it commits. */
  get mayListen(): boolean {
    return this.listened.size > 0 || this.#changes.entries.some(({ kind }) => kind === 'listen')
  }

  /** The session has sent a notification while none listens; it may listen itself before its transaction ends. */
  miss(statement: string): void {
    this.#changes.add({ kind: 'notify', statement })
  }

  /** The statements that keep what its open transaction has notified while no session listened. */
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

  /** The server has done the first of the savepoint commands that were sent. */
  done(): void {
    this.#changes.done()
  }

  /** The server does none of the other commands that were sent. */
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
