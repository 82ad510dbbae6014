/** Starts a run in a separate process, for tests that kill it, and lists what it left behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readdir, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { builtProgram } from '../../../testing/built/built-modules.ts'
import { listProcesses } from '../../../testing/processes.ts'
import { test as base } from '../../../testing/test.ts'
import { openRunFolder } from '../../run/run-folder.ts'

export interface StartedRun {
  readonly process: ChildProcess
  readonly runId: string
  readonly url: string
  readonly template: string
  readonly database: string
}

/** Playwright's `test` with a dedicated folder for run folders, so that no other run cleans up before the test's own does. */
export const test = base.extend<{ place: string }>({
  place: async ({}, use) => {
    const place = await openPlace()
    await use(place.path)
    await place.remove()
  },
})

/** The folder of the fixture, for several tests. */
export async function openPlace() {
  const folder = await openRunFolder()
  await chmod(folder.path, 0o755)
  return {
    path: folder.path,
    remove: async () => {
      await folder.close()
      await rm(folder.path, { recursive: true, force: true })
    },
  }
}

/** Starts `main.ts`. Throws its stderr if it ends before it is ready. */
export async function startRun(env: NodeJS.ProcessEnv = {}): Promise<StartedRun> {
  const [program = '', ...args] = builtProgram('postgres/testing/killed-run/main')
  const child = spawn(program, args, {
    cwd: import.meta.dirname,
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    complaint += text
  })
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'close').then(() => Promise.reject(new Error(complaint))),
  ])
  return { ...(JSON.parse(String(line[0])) as Omit<StartedRun, 'process'>), process: child }
}

/** Ends the run by a signal, or in order by closing its stdin, and waits until its main process has exited. */
export async function endRun(run: StartedRun, how: NodeJS.Signals | 'in order'): Promise<void> {
  const closed = once(run.process, 'exit')
  if (how === 'in order') run.process.stdin?.end()
  else run.process.kill(how)
  await closed
}

/** The processes that still belong to the run, and its folder in `place`. */
export async function remainsOf({ runId }: { runId: string }, place: string): Promise<string[]> {
  const processes = (await listProcesses()).filter(({ command }) => command.includes(`reprise-${runId}`))
  const folders = (await readdir(place)).filter(name => name.includes(runId))
  return [...processes.map(({ command }) => command), ...folders]
}

/** The process id of the run's watchdog; call it while the main process lives. */
export async function watchdogOf(run: StartedRun): Promise<number> {
  const children = (await listProcesses()).filter(({ parent }) => parent === run.process.pid)
  const watchdog = children.find(({ command }) => command.includes('watchdog'))
  if (!watchdog) throw new Error(`The run ${run.runId} has no watchdog.`)
  return watchdog.pid
}
