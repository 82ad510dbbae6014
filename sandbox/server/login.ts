/** Logs in to the server. `pg` does it, since it knows every way to authenticate; from then on the stream is ours. */
import type { Duplex } from 'node:stream'
import pg from 'pg'
import { reusableBufferSocket } from '../transport/reusable-buffer-socket.ts'
import type { CancelAddress } from './cancel-requests.ts'

/** A connection that is not read from yet, and what the server has reported of it. */
export type ServerLogin = {
  stream: Duplex
  /** Such as `server_version`. */
  parameters: ReadonlyMap<string, string>
  cancelAddress: CancelAddress
}

/** `options`: settings of the connection, as `-c name=value`. Throws what `pg` throws, with the database named. */
export async function logIn(url: string, options?: string): Promise<ServerLogin> {
  const client = new pg.Client({
    connectionString: withOptions(url, options),
    connectionTimeoutMillis: 10_000,
    stream: reusableBufferSocket,
  })
  const parameters = new Map<string, string>()
  let secretKey = 0
  let processId = 0
  client.connection.on('parameterStatus', (message: { parameterName: string; parameterValue: string }) => {
    parameters.set(message.parameterName, message.parameterValue)
  })
  client.connection.on('backendKeyData', (message: { processID: number; secretKey: number }) => {
    processId = message.processID
    secretKey = message.secretKey
  })
  try {
    await client.connect()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The sandbox cannot connect to the database "${client.database}": ${reason}`, { cause })
  }
  // By TLS, it still gets the error when the socket below is closed.
  client.on('error', () => undefined)
  const { stream } = client.connection
  for (const event of ['data', 'error', 'close', 'end', 'readable']) stream.removeAllListeners(event)
  return { stream, parameters, cancelAddress: { host: client.host, port: client.port, processId, secretKey } }
}

/** Adds to the options that the URL or the environment gives already, of which a driver takes only one. */
function withOptions(url: string, options: string | undefined): string {
  if (options === undefined) return url
  const to = new URL(url)
  const given = to.searchParams.get('options') ?? process.env.PGOPTIONS
  to.searchParams.set('options', [given, options].filter(Boolean).join(' '))
  return to.href
}
