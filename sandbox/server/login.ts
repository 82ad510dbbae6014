/** Logs in to the server through `pg`, which supports all authentication methods, then takes over the stream. */
import type { Duplex } from 'node:stream'
import pg from 'pg'
import { reusableBufferSocket } from '../transport/reusable-buffer-socket.ts'
import type { CancelAddress } from './cancel-requests.ts'

/** An authenticated connection that nothing reads from yet, and its startup data. */
export type ServerLogin = {
  stream: Duplex
  /** The ParameterStatus values, such as `server_version`. */
  parameters: ReadonlyMap<string, string>
  cancelAddress: CancelAddress
}

/**
 * `options`: parameters of the connection, as `-c name=value`. Throws the error of `pg` with the name of the database
 * added.
 */
export async function logIn(url: string, options?: string): Promise<ServerLogin> {
  const client = new pg.Client({
    connectionString: withOptions(url, options),
    // For a server that hangs: a busy machine takes seconds.
    connectionTimeoutMillis: 30_000,
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
  // With TLS, `pg` still gets an error when the underlying socket closes.
  client.on('error', () => undefined)
  const { stream } = client.connection
  for (const event of ['data', 'error', 'close', 'end', 'readable']) stream.removeAllListeners(event)
  return { stream, parameters, cancelAddress: { host: client.host, port: client.port, processId, secretKey } }
}

/** Appends to the options from the URL or the environment: a driver accepts only one value. */
function withOptions(url: string, options: string | undefined): string {
  if (options === undefined) return url
  const to = new URL(url)
  const given = to.searchParams.get('options') ?? process.env.PGOPTIONS
  to.searchParams.set('options', [given, options].filter(Boolean).join(' '))
  return to.href
}
