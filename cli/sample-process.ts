/** Runs the sample API in a separate process, so that it can be stopped and restarted while the monitor runs. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { startWatchdog } from '../postgres/run/watchdog.ts'

export interface SampleProcess {
  readonly url: string
  /** For messages, without a password. */
  readonly database: string
  readonly pid: number
  /** Resolves when the process has exited, for any reason. */
  readonly ended: Promise<void>
}

/**
 * Ends the process in order when `work` has ended, also if this process dies. Throws its stderr if it does not start, and what
 * `work` throws.
 */
export async function withSampleProcess(
  env: NodeJS.ProcessEnv,
  complain: (text: string) => void,
  work: (sample: SampleProcess) => Promise<void>,
): Promise<void> {
  const watchdog = startWatchdog()
  // In a separate process group: Ctrl-C is for this process, which ends the sample after the monitor.
  const child = spawn(process.execPath, [...process.execArgv, main, 'sample', '--json'], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()).once('error', () => resolve()))
  if (child.pid !== undefined) watchdog.send({ undo: 'processes', leader: child.pid })
  try {
    const started = await startOf(child)
    child.stderr.on('data', text => complain(String(text).trimEnd()))
    await work({ ...started, pid: Number(child.pid), ended: exited })
  } finally {
    child.kill('SIGTERM')
    await exited
    await watchdog.close()
  }
}

const main = path.join(import.meta.dirname, `main${path.extname(import.meta.filename)}`)

/** Reads the first line of its output. */
async function startOf(child: ChildProcess): Promise<Pick<SampleProcess, 'url' | 'database'>> {
  let [output, complaints] = ['', '']
  const collect = (text: string) => {
    complaints += text
  }
  child.stderr?.setEncoding('utf8').on('data', collect)
  const started = new Promise<string>(resolve => {
    child.stdout?.setEncoding('utf8').on('data', text => {
      output += text
      if (output.includes('\n')) resolve(output)
    })
  })
  const closed = once(child, 'close').then(() => undefined)
  const line = await Promise.race([started, closed])
  if (line === undefined) throw new Error(complaints.trim() || 'The sample API ended during its start.')
  child.stderr?.off('data', collect)
  return JSON.parse(line)
}
