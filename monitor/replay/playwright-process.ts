/** One process of Playwright's public command line, with all that it starts: a process group that ends with us. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { descendantsOf, endListed, membersOf } from '../../postgres/run/watchdog/process-group.mjs'
import { endStrays } from '../../postgres/run/watchdog/strays.mjs'
import type { Watchdog } from '../../postgres/run/watchdog.ts'
import { lastOutputOf } from '../../processes/last-output.ts'
import type { ReplayEvent } from './events.ts'
import { playwrightCommandLine } from './installed-playwright.ts'

/** How long it may take to end in order, and then how long without its workers, in milliseconds. */
const grace = 3000

/** Of the output that is kept for a run that fails, in characters. */
const keptOutput = 16_384

export interface PlaywrightProcess {
  /** Of the leader of its group; undefined where it could not be started. */
  readonly pid: number | undefined
  /** Resolves when it and its group are gone. */
  readonly ended: Promise<{ code: number | null; lastWords: string }>
  /** Interrupts it, as Ctrl-C does; kills its workers, and then all of it, if it does not end. */
  stop(): Promise<void>
}

export interface Launch {
  args: readonly string[]
  /** Where it works, and from where `@playwright/test` is found. */
  folder: string
  /** Whatever has its TMPDIR, which is the run's own, ends with it. */
  env: NodeJS.ProcessEnv
  watchdog: Watchdog
  onEvent?: (event: ReplayEvent) => void
}

/** Throws for a folder without a Playwright that can be used. */
export function launchPlaywright({ args, folder, env, watchdog, onEvent }: Launch): PlaywrightProcess {
  const child = spawn(process.execPath, [playwrightCommandLine(folder), ...args], {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  if (child.pid !== undefined) watchdog.send({ undo: 'processes', leader: child.pid })
  const lastWords = lastOutputOf([child.stdout, child.stderr], keptOutput)
  if (onEvent) child.on('message', message => onEvent(message as ReplayEvent))
  /** What it had started when it was stopped: a browser has a group of its own, and may have an environment of its own. */
  const started: Promise<Listed>[] = []
  const ended = endOf(child, env.TMPDIR, started).then(code => ({ code, lastWords: lastWords.text() }))
  let stopping: Promise<void> | undefined
  return {
    pid: child.pid,
    ended,
    stop: () => {
      stopping ??= stop(child, ended, started)
      return stopping
    },
  }
}

type Listed = Awaited<ReturnType<typeof descendantsOf>>

async function endOf(
  child: ChildProcess,
  temporary: string | undefined,
  started: readonly Promise<Listed>[],
): Promise<number | null> {
  try {
    const [code] = await once(child, 'exit')
    return code
  } finally {
    // What it has started and left behind.
    killGroup(child)
    if (temporary !== undefined) await endStrays(`TMPDIR=${temporary}`)
    // It can end while the last list is made.
    await endListed((await Promise.all(started)).flat())
    // A process of another group may still hold the streams.
    child.stdout?.destroy()
    child.stderr?.destroy()
  }
}

async function stop(child: ChildProcess, ended: Promise<unknown>, started: Promise<Listed>[]): Promise<void> {
  // Before it is interrupted as well: what it has started belongs to no process any more when it or a worker has ended.
  await listStarted(child, started)
  child.kill('SIGINT')
  if (await isSettledWithin(grace, ended)) return
  await listStarted(child, started)
  // Without its workers it writes its report.
  for (const { pid } of await membersOf(child.pid ?? 0)) if (pid !== child.pid) kill(pid)
  if (await isSettledWithin(grace, ended)) return
  killGroup(child)
  await ended
}

async function listStarted({ pid }: ChildProcess, started: Promise<Listed>[]): Promise<void> {
  if (pid === undefined) return
  // As much as could be listed.
  const list = descendantsOf(pid).catch((): Listed => [])
  started.push(list)
  await list
}

function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) kill(-pid)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

async function isSettledWithin(milliseconds: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<false>(resolve => {
    timer = setTimeout(resolve, milliseconds, false)
  })
  const settled = await Promise.race([promise.then(() => true), over])
  clearTimeout(timer)
  return settled
}
