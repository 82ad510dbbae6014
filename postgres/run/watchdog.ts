/** Starts the watchdog, a process that outlives this one and removes what a run leaves behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { withStreams } from '../../processes/spawned-streams.ts'

/** A message to the watchdog: what to remove when the run ends, and which remains of dead runs to remove at once. */
export type Order =
  | { undo: 'folder'; path: string }
  | { undo: 'postmaster'; dataFolder: string; pid?: number | undefined }
  | { undo: 'containers'; runId: string }
  | { undo: 'databases'; url: string; runId: string }
  /** The leader of a process group; the whole group is ended. */
  | { undo: 'processes'; leader: number }
  | { reap: 'folders'; in: string[]; of: number[] }
  | { reap: 'containers' }
  | { reap: 'databases'; url: string }

export interface Watchdog {
  /** Arrives even if this process is killed right after. Undone in reverse order. */
  send(order: Order): void
  /** Has everything undone and waits for it. Throws an error with what could not be undone. */
  close(): Promise<void>
}

/** Starts the watchdog without waiting for it. */
export function startWatchdog(): Watchdog {
  const orders: Order[] = []
  let closing = false
  let restarts = 3
  let current = start()

  // If the watchdog is killed, another one is started while this process lives.
  function start(): Child {
    const child = spawnChild()
    child.ended.then(() => {
      if (closing || restarts-- === 0) return
      // What the machine has too little of may be there again after a while.
      if (child.isStarted) restart()
      else setTimeout(() => closing || restart(), afterFailureMs).unref()
    })
    return child
  }

  function restart(): void {
    current = start()
    for (const order of orders) current.write(order)
  }

  return {
    send(order) {
      orders.push(order)
      current.write(order)
    },
    async close() {
      closing = true
      if (!current.isStarted) restart()
      current.close()
      const complaint = await current.ended
      if (complaint !== '') throw new Error(`Not everything that the run created could be removed. ${complaint}`)
    },
  }
}

/** How long to wait before another watchdog is started, if the last one could not be, in milliseconds. */
const afterFailureMs = 1000

interface Child {
  readonly isStarted: boolean
  write(order: Order): void
  close(): void
  /** Resolves with the watchdog's stderr; empty if everything was undone. */
  readonly ended: Promise<string>
}

function spawnChild(): Child {
  // Without this process's loaders and debuggers: the watchdog has to start fast and never wait.
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = withStreams(
    spawn(process.execPath, [fileURLToPath(new URL('./watchdog/main.mjs', import.meta.url))], {
      cwd: path.parse(process.cwd()).root,
      detached: true,
      env,
      stdio: ['pipe', 'ignore', 'pipe'],
      windowsHide: true,
    }),
  )
  child.unref()
  for (const stream of [child.stdin, child.stderr]) {
    // `ended` shows that the process died; what could not be written is sent to its successor.
    stream.on('error', () => undefined)
    if (stream instanceof Socket) stream.unref()
  }
  return {
    isStarted: child.pid !== undefined,
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
