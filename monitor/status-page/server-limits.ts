/** ServerLimits: how much a client may send, and how slowly. */
import type { ServerOptions } from 'node:http'

export const serverLimits: ServerOptions = {
  /** In bytes, as Node's default. */
  maxHeaderSize: 16_384,
  /** For the headers, and then for the whole request, in milliseconds. */
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
}
