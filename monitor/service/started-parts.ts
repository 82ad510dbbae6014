/** The started parts of a program, each with how it stops: they stop in the reverse order of their start. */
export class StartedParts {
  readonly #stops: ((graceMs: number) => unknown)[] = []

  /** Adds a part that has just been started. */
  add<T>(part: T, stop: (part: T, graceMs: number) => unknown): T {
    this.#stops.push(graceMs => stop(part, graceMs))
    return part
  }

  /** Stops one part after the other, the last one first, also after an error. Throws the first error at the end. */
  async stop(graceMs: number): Promise<void> {
    const errors: unknown[] = []
    for (const stop of this.#stops.splice(0).reverse()) {
      try {
        await stop(graceMs)
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}
