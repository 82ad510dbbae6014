// The watchdog process: waits until the run's main process is gone, then undoes what that process registered.
// In plain JavaScript, so that Node starts it in a few milliseconds without a loader.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { reapContainers, removeContainers } from './containers.mjs'
import { dropDatabasesOf, reapDatabases } from './databases.mjs'
import { stopPostmaster } from './postmaster.mjs'
import { watchProcessGroup } from './process-group.mjs'
import { reapRunFolders } from './run-folders.mjs'

/** @import { Order } from '../watchdog.ts' */

// Ctrl-C is for the run. Only the end of stdin, which the kernel closes however the run ends, ends this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)
// If the run is killed, stderr is closed.
process.stderr.on('error', () => undefined)

/** @type {(() => unknown)[]} */
const undo = []
/** @type {Promise<unknown>[]} */
const reaping = []

try {
  for await (const line of createInterface({ input: process.stdin })) {
    /** @type {Order} */
    const order = JSON.parse(line)
    if ('undo' in order) undo.push(undoing(order))
    // Remains of dead runs are no error of this one: the next run tries again.
    else reaping.push(reap(order).catch(() => undefined))
  }
} catch (error) {
  // A line cut off by a kill, or a broken pipe, is the end as well.
  process.stderr.write(`${error}\n`)
}
for (const work of undo.reverse()) {
  try {
    await work()
  } catch (error) {
    process.exitCode = 1
    process.stderr.write(`${/** @type {Error} */ (error).message}\n`)
  }
}
await Promise.all(reaping)

/** @param {Extract<Order, { undo: string }>} order */
function undoing(order) {
  switch (order.undo) {
    case 'postmaster':
      return () => stopPostmaster(order.dataFolder, order.pid)
    case 'containers':
      return () => removeContainers(order.runId)
    case 'databases':
      return () => dropDatabasesOf(order.runId, order.url)
    case 'processes':
      return watchProcessGroup(order.leader)
    case 'folder':
      return () => removeFolder(order.path)
  }
}

/** @param {string} folder */
function removeFolder(folder) {
  // `rm` is twice as fast as Node on a data folder; Node removes what it leaves, and everything on Windows.
  if (process.platform !== 'win32') spawnSync('rm', ['-rf', '--', folder], { stdio: 'ignore' })
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
}

/** @param {Extract<Order, { reap: string }>} order */
async function reap(order) {
  if (order.reap === 'folders') return reapRunFolders(order.in, order.of)
  if (order.reap === 'containers') return reapContainers()
  return reapDatabases(order.url)
}
