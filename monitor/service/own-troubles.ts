/** OwnTroubles: what this instance has been unable to do for some time. */
import type { InstanceTrouble } from '../store/instance-troubles.ts'

/** An operation that fails for less is not worth a message. */
const reportedAfterMs = 600_000

export class OwnTroubles {
  readonly #since = new Map<string, number>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** An operation has failed. */
  begin(what: string): void {
    if (!this.#since.has(what)) this.#since.set(what, this.#now())
  }

  /** It works. */
  end(what: string): void {
    this.#since.delete(what)
  }

  lasting(): InstanceTrouble[] {
    return [...this.#since]
      .map(([what, since]) => ({ what, forMs: this.#now() - since }))
      .filter(({ forMs }) => forMs >= reportedAfterMs)
  }
}
