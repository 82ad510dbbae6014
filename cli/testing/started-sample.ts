/** Starts the sample in a separate process, for tests that use it and end it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import path from 'node:path'
import { commandLine } from '../../testing/built/built-modules.ts'
import { listProcesses } from '../../testing/processes.ts'

export interface StartedSample {
  readonly process: ChildProcess
  readonly url: string
  /** The id of the embedded server's process; undefined if it uses another server. */
  readonly postgres: number | undefined
  /** Sends the signal, to the whole process group as Ctrl-C does, or to the first process only. Resolves with the exit code or signal. */
  end(signal: NodeJS.Signals, whom?: 'group' | 'process'): Promise<number | NodeJS.Signals>
  /** Whether it has printed that it stopped in order. */
  stopped(): boolean
  /** Its stderr so far. */
  complaints(): string
  /** What is left of its server, and the URL if it still responds. */
  remains(): Promise<string[]>
}

/** The ways to start it, each as a program and its arguments. */
const ways = {
  npm: () => ['npm', 'run', 'reprise', '--', 'sample'],
  node: () => [...commandLine(), 'sample'],
}

/** Starts the sample on any free port, unless `env` has another one. Throws its stderr if it ends before it runs. */
export async function startSample(
  way: keyof typeof ways,
  env: NodeJS.ProcessEnv = {},
  folder = path.join(import.meta.dirname, '../..'),
): Promise<StartedSample> {
  const child = launchSample(way, env, folder)
  let complaints = ''
  child.stderr?.setEncoding('utf8').on('data', text => {
    // npm's messages are about its settings, not about the sample.
    if (!/^npm (warn|notice)/.test(text)) complaints += text
  })
  let stopped = false
  child.stdout?.setEncoding('utf8').on('data', text => {
    stopped ||= text.includes('Stopped.')
  })
  const output = await welcomeOf(child).catch(code => {
    throw new Error(`exit code ${code}: ${complaints}`)
  })
  const url = /page +(\S+)/.exec(output)?.[1]
  if (url === undefined) throw new Error(`The sample did not print the URL of its page:\n${output}`)
  const postgres = await postmasterUnder(child.pid)
  return {
    process: child,
    url,
    postgres: postgres?.pid,
    end: async (signal, whom = 'process') => {
      const ended = once(child, 'exit')
      process.kill(whom === 'group' ? -Number(child.pid) : Number(child.pid), signal)
      const [code, killedBy] = await ended
      return code ?? killedBy
    },
    stopped: () => stopped,
    complaints: () => complaints,
    remains: async () => [
      ...(postgres ? await remainsOf(postgres.runFolder) : []),
      ...(await fetch(url).then(
        () => [url],
        () => [],
      )),
    ],
  }
}

/** Starts the sample without waiting for it. */
export function launchSample(way: keyof typeof ways, env: NodeJS.ProcessEnv, folder: string): ChildProcess {
  const [program = '', ...args] = ways[way]()
  const { DATABASE_URL: _database, NODE_OPTIONS: _options, npm_lifecycle_event: _event, ...inherited } = process.env
  return spawn(program, args, {
    cwd: folder,
    env: { ...inherited, REPRISE_POSTGRES: 'embedded', PORT: '0', ...env },
    // In a separate process group, like a job of a shell.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** The embedded server among the descendants of a process. */
export async function postmasterUnder(
  pid: number | undefined,
): Promise<{ pid: number; runFolder: string } | undefined> {
  const processes = await listProcesses()
  let family = processes.filter(({ parent }) => parent === pid)
  while (family.length > 0) {
    for (const { pid: found, command } of family) {
      const runFolder = /-D (\S*reprise-[0-9a-f]{12})/.exec(command)?.[1]
      if (runFolder !== undefined) return { pid: found, runFolder }
    }
    family = processes.filter(({ parent }) => family.some(member => member.pid === parent))
  }
  return undefined
}

/** The processes that still use a run's folder, and the folder. */
export async function remainsOf(runFolder: string): Promise<string[]> {
  const commands = (await listProcesses()).map(({ command }) => command)
  const folders = await access(runFolder).then(
    () => [runFolder],
    () => [],
  )
  return [...commands.filter(command => command.includes(runFolder)), ...folders]
}

async function welcomeOf(child: ChildProcess): Promise<string> {
  let output = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', text => {
      output += text
      if (output.includes('Ctrl-C')) resolve()
    })
    child.once('error', reject)
    child.once('close', reject)
  })
  return output
}
