/** Brings the shared connection back to ReadyForQuery after a client disconnected mid-request. */

import { Backend, type ErrorFields, readErrorFields } from '../protocol/backend-messages.ts'
import { copyFail, query, sync } from '../protocol/frontend-messages.ts'
import type { ServerConnection } from './server-connection.ts'

/**
 * Ends the current request: a `running` statement, a COPY that waits for data, or a batch without a Sync. Resolves when
 * the connection is ready for the next request; rejects if it is lost.
 */
export async function interrupt(upstream: ServerConnection, running: boolean): Promise<void> {
  // The number of ReadyForQuery messages to come depends on the server's state. The last one follows an error that only
  // this marker can cause; the server reports a syntax error even in a failed transaction.
  let markers = 0
  let isReady = false
  const mark = () => upstream.write(query(`reprise_client_has_gone_${++markers}`))
  const end = new Promise<void>((resolve, reject) => {
    let error: ErrorFields | undefined
    upstream.receiver = {
      frame: (type, chunk, from, to) => {
        if (type === Backend.ErrorResponse) error = readErrorFields(chunk.subarray(from, to))
        if (type !== Backend.ReadyForQuery) return
        isReady = true
        if (markers > 0 && error?.message.includes(`reprise_client_has_gone_${markers}"`)) {
          upstream.receiver = undefined
          resolve()
        } else if (markers > 0 && error?.code === '57014') mark()
        error = undefined
      },
      lost: reject,
    }
  })
  // Avoids an unhandled rejection before the `await` below.
  end.catch(() => undefined)
  // Outside of a COPY, the server ignores the CopyFail.
  upstream.write(Buffer.concat([copyFail('The client has gone.'), sync]))
  // A late cancel request can hit the marker, which is then sent again.
  if (running) void upstream.cancels.send(() => !isReady)
  await upstream.cancels.underWay
  mark()
  await end
}
