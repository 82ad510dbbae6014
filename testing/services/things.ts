/** The data of a service: things of the test and of others, by path. */

export interface Thing {
  by: 'the test' | 'others'
  data: Record<string, unknown>
}

export class Things {
  readonly #things = new Map<string, Thing>()
  #count = 100

  /** Creates a thing below a path and returns its id. */
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

  /** Whether it existed. */
  delete(path: string): boolean {
    return this.#things.delete(path)
  }

  /** Deletes a path and everything below it. */
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
