/** `/events`: server-sent events. `change` follows each change of what the pages show, with the names of what has changed. */
import path from 'node:path'
import { type Response, Router } from 'express'
import { asset } from './asset.ts'
import { liveScript } from './layout.ts'
import type { Routes } from './page-context.ts'
import { visibilityOf } from './visibility.ts'
import { visibleChange } from './visible-change.ts'

/** Each costs a socket and a few kilobytes. A page that is refused fetches itself every now and then. */
const mostStreams = 500
/** So that proxies do not close a quiet connection, and one that was lost is noticed. */
const heartbeatMs = 20_000
/** The browser connects again, as who it is then: sessions end. */
const longestMs = 3_600_000

const headers = {
  'Content-Type': 'text/event-stream',
  // Compressed, events would be collected; by proxies such as nginx as well.
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
}

export const eventRoutes: Routes = ({ changes, current }) => {
  let streams = 0
  const router = Router()
  const start = (response: Response) => {
    if (streams >= mostStreams) {
      response.status(503).set('Retry-After', '30').type('text').send('Too many pages listen for changes.\n')
      return
    }
    streams++
    response.writeHead(200, headers)
    const [visibility, { configuration }] = [visibilityOf(response), current()]
    // A client that does not read is disconnected, so that what it is sent does not pile up.
    const send = (text: string) => (response.writableNeedDrain ? response.destroy() : response.write(text))
    send('retry: 2000\n\n')
    const heartbeat = setInterval(() => send(':\n\n'), heartbeatMs)
    const longest = setTimeout(() => response.end(), longestMs)
    const unsubscribe = changes.subscribe({
      onChange: changed => {
        const isReleased = current().configuration === configuration
        const change = isReleased ? visibleChange(changed, visibility) : {}
        if (change) send(`event: change\ndata: ${JSON.stringify(change)}\n\n`)
        // Other checks may be public now.
        if (!isReleased) response.end()
      },
      onEnd: () => response.end(),
    })
    response.on('close', () => {
      streams--
      clearInterval(heartbeat)
      clearTimeout(longest)
      unsubscribe()
    })
  }
  router.get('/events', ({ method }, response) => {
    if (method === 'HEAD') response.set(headers).end()
    else if (response.socket) start(response)
    // Pipelined behind another response: if the client leaves before its turn comes, it is never closed.
    else response.once('socket', () => start(response))
  })
  router.get(liveScript, asset(path.join(import.meta.dirname, 'live.mjs')))
  return router
}
