/** What a service holds: things of the test beside those of others, each at its path. */

export interface Thing {
  by: 'the test' | 'others'
  data: Record<string, unknown>
}

export class Things {
  readonly #things = new Map<string, Thing>()
  #count = 100

  /** Makes a thing below a path, and gives its id. */
  create(folder: string, data: Record<string, unknown> = {}): string {
    const id = String(++this.#count)
    this.#things.set(`${folder}/${id}`, { by: 'the test', data: { ...data, id: Number(id) } })
    return id
  }

  put(path: string, data: Record<string, unknown>, by: Thing['by'] = 'the test'): void {
    this.#things.set(path, { by, data })
  }

  get(path: string): Record<string, unknown> | undefined {
    return this.#things.get(path)?.data
  }

  /** Whether it was there. */
  delete(path: string): boolean {
    return this.#things.delete(path)
  }

  /** A path and everything below it. */
  deleteAll(folder: string): void {
    for (const path of this.#things.keys()) {
      if (path === folder || path.startsWith(`${folder}/`)) this.#things.delete(path)
    }
  }

  list(folder: string): Record<string, unknown>[] {
    return this.paths().flatMap(path => {
      const data = this.get(path)
      return data && path.startsWith(`${folder}/`) ? [data] : []
    })
  }

  paths(by?: Thing['by']): string[] {
    return [...this.#things].flatMap(([path, thing]) => (by === undefined || thing.by === by ? [path] : []))
  }
}
