/** The main process's side of the watchdog: a process that outlives this one and undoes what a run leaves behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the watchdog is told: what to undo when the run ends, and whose remains to reap at once. */
export type Order =
  | { undo: 'folder'; path: string }
  | { undo: 'postmaster'; dataFolder: string; pid?: number | undefined }
  | { undo: 'containers'; runId: string }
  | { undo: 'databases'; url: string; runId: string }
  /** A process that leads a group, and the whole group. */
  | { undo: 'processes'; leader: number }
  | { reap: 'folders'; in: string[]; of: number[] }
  | { reap: 'containers' }
  | { reap: 'databases'; url: string }

export interface Watchdog {
  /** Reaches the watchdog even if this process is killed right after. Undone in reverse order. */
  send(order: Order): void
  /** Has everything undone and waits for it. Throws an error that names what could not be undone. */
  close(): Promise<void>
}

/** Starts the watchdog. Returns at once: it is never on the way of the run. */
export function startWatchdog(): Watchdog {
  const orders: Order[] = []
  let closing = false
  let restarts = 3
  let current = start()

  // Somebody may kill the watchdog as well; as long as this process lives there is one.
  function start(): Child {
    const child = spawnChild()
    child.ended.then(() => {
      if (closing || restarts-- === 0) return
      current = start()
      for (const order of orders) current.write(order)
    })
    return child
  }

  return {
    send(order) {
      orders.push(order)
      current.write(order)
    },
    async close() {
      closing = true
      current.close()
      const complaint = await current.ended
      if (complaint !== '') throw new Error(`The end of the run could not remove everything. ${complaint}`)
    },
  }
}

interface Child {
  write(order: Order): void
  close(): void
  /** Resolves with what the watchdog complained of, empty when all is undone. */
  readonly ended: Promise<string>
}

function spawnChild(): Child {
  // Loaders and debuggers of this process are not the watchdog's: it must be up fast and never wait.
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn(process.execPath, [fileURLToPath(new URL('./watchdog/main.mjs', import.meta.url))], {
    cwd: path.parse(process.cwd()).root,
    detached: true,
    env,
    stdio: ['pipe', 'ignore', 'pipe'],
    windowsHide: true,
  })
  child.unref()
  for (const stream of [child.stdin, child.stderr]) {
    // Its death shows in `ended`; a write that comes too late is repeated to its successor.
    stream.on('error', () => undefined)
    if (stream instanceof Socket) stream.unref()
  }
  return {
    write: order => child.stdin.write(`${JSON.stringify(order)}\n`),
    close: () => {
      child.ref()
      child.stdin.end()
    },
    ended: complaintOf(child),
  }
}

async function complaintOf(child: ChildProcess): Promise<string> {
  let complaint = ''
  child.stderr?.setEncoding('utf8').on('data', text => {
    complaint += text
  })
  try {
    const [code, signal] = await once(child, 'close')
    return code === 0 ? '' : complaint.trim() || `The watchdog ended early (${signal ?? `exit code ${code}`}).`
  } catch (error) {
    return `The watchdog did not start: ${(error as Error).message}.`
  }
}
