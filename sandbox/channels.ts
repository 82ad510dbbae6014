/** The channels that a session listens to: LISTEN and UNLISTEN count once their transaction commits. */
import { SavepointLog } from './savepoint-log.ts'
import type { Command } from './sql/command.ts'

/** `channel` is null for all of them. */
type Change = { kind: 'listen' | 'unlisten'; channel: string | null }

export class Channels {
  #listened: ReadonlySet<string> = new Set()
  readonly #changes = new SavepointLog<Change>()

  /** Those that it listens to now. */
  get listened(): ReadonlySet<string> {
    return this.#listened
  }

  /** It listens, or will once it commits. */
  get mayListen(): boolean {
    return this.#listened.size > 0 || this.#changes.entries.some(({ kind }) => kind === 'listen')
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
    const listened = new Set(this.#listened)
    for (const { kind, channel } of this.#changes.entries) {
      if (channel === null) listened.clear()
      else if (kind === 'listen') listened.add(channel)
      else listened.delete(channel)
    }
    this.#changes.clear()
    this.#listened = listened
  }

  rollBack(): void {
    this.#changes.clear()
  }

  clear(): void {
    this.#changes.clear()
    this.#listened = new Set()
  }
}
