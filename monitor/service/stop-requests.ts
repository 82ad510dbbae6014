/** StopRequests: asks the runs that are under way to end. */

interface StopRequest {
  /** Resolves when the run is asked to end. */
  asked: Promise<void>
  /** The run has ended. */
  end(): void
}

/** Each run has a promise of its own: one for all would keep what waits for it, with all that a run has found, until the stop. */
export class StopRequests {
  readonly #open = new Set<() => void>()

  begin(): StopRequest {
    let ask: () => void = () => undefined
    const asked = new Promise<void>(resolve => {
      ask = resolve
    })
    this.#open.add(ask)
    return { asked, end: () => void this.#open.delete(ask) }
  }

  askAll(): void {
    for (const ask of this.#open) ask()
  }
}
