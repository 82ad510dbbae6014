/** What was removed, by its address: what is not found below it, or there again, is gone with it. */
export class RemovedAddresses {
  readonly #addresses = new Set<string>()

  add(address: string): void {
    this.#addresses.add(trimmed(address))
  }

  /** Whether the address, or one above it, was removed. */
  has(address: string): boolean {
    for (let path = trimmed(address); path.includes('/', 8); path = path.slice(0, path.lastIndexOf('/'))) {
      if (this.#addresses.has(path)) return true
    }
    return false
  }
}

function trimmed(address: string): string {
  return address.replace(/\/+$/, '')
}
