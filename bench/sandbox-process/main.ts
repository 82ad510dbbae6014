/** Holds a sandbox open until its parent process ends. Arguments: database URL, a folder for its unix socket. */
import { Sandbox } from '../../sandbox/sandbox.ts'
import type { Memory, Places } from '../sandbox-process.ts'

const [url = '', socketFolder] = process.argv.slice(2)
const sandbox = await Sandbox.connect(url, { tcp: { host: '127.0.0.1', port: 0 }, socketFolder })
sandbox.open()

let peak = 0
let isWatched = false

process.on('message', async question => {
  if (question === 'reopen') {
    await sandbox.close()
    sandbox.open()
    process.send?.('opened')
    return
  }
  const now = process.memoryUsage.rss()
  // Starts with the first question: in other benchmarks it would only take time.
  if (!isWatched) setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20)
  isWatched = true
  process.send?.({ now, peak: Math.max(peak, now) } satisfies Memory)
  peak = 0
})
process.on('disconnect', async () => {
  await sandbox.dispose()
  process.exit()
})
process.send?.({ tcp: sandbox.url, socket: sandbox.socketUrl ?? '' } satisfies Places)
