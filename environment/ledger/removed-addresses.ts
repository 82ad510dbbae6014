import { trimmedEnd } from './path-pattern.ts'

/** Records the addresses of removed resources. A resource at or below one of them that is not found was removed with it. */
export class RemovedAddresses {
  readonly #addresses = new Set<string>()

  add(address: string): void {
    this.#addresses.add(trimmedEnd(address))
  }

  /** Whether this address, or a parent, was removed. */
  has(address: string): boolean {
    for (let path = trimmedEnd(address); path.includes('/', 8); path = path.slice(0, path.lastIndexOf('/'))) {
      if (this.#addresses.has(path)) return true
    }
    return false
  }
}
