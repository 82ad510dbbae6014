/** Brings the shared connection back to ReadyForQuery after a client disconnected mid-request. */

import { Backend, type ErrorFields, readErrorFields } from '../protocol/backend-messages.ts'
import { copyFail, query, sync } from '../protocol/frontend-messages.ts'
import type { ServerConnection } from './server-connection.ts'

/**
 * Ends whatever is under way: a statement (`running`), a COPY that waits for data, a batch without a Sync. Resolves when
 * the connection is ready for another request. Rejects if it is lost.
 */
export async function interrupt(upstream: ServerConnection, running: boolean): Promise<void> {
  // How many ReadyForQuery are still due depends on how far the server is. The last one follows an error that only this
  // text can cause; a server reports it even in a failed transaction.
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
  // It may come to nothing before it is awaited below.
  end.catch(() => undefined)
  // Where there is no COPY, a server drops the first of them.
  upstream.write(Buffer.concat([copyFail('The client has gone.'), sync]))
  // It may come so late that it hits the marker, which is repeated then.
  if (running) void upstream.cancels.send(() => !isReady)
  await upstream.cancels.underWay
  mark()
  await end
}
