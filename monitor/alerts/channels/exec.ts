/** A command that is started for each message, which it reads from its standard input. */
import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { startWatchdog } from '../../../postgres/run/watchdog.ts'
import { withStreams } from '../../../processes/spawned-streams.ts'
import { settings, strings } from '../../schema-parts.ts'
import type { Acceptance, Attempt, ChannelKind } from '../channel-kind.ts'
import { NotTaken } from '../not-taken.ts'
import type { Notice } from '../notice.ts'
import { webhookBody } from './webhook-body.ts'

export interface ExecChannel {
  kind: 'exec'
  /** The program and its arguments; started without a shell, in the folder of the monitor. */
  command: string[]
  /**
   * Its environment, in addition to PATH, HOME, LANG, TZ and TMPDIR; values may contain secrets. It has no other variables of
   * the monitor.
   */
  env?: Record<string, string>
}

/** Starts a command with the message as JSON on its standard input; exit code 0 accepts it. */
export function exec(settings: Omit<ExecChannel, 'kind'>): ExecChannel {
  return { kind: 'exec', ...settings }
}

export const execKind: ChannelKind<ExecChannel> = {
  kind: 'exec',
  example: 'exec({ command })',
  schema: settings(
    {
      kind: z.literal('exec'),
      command: strings('write a list of the program and its arguments, such as ["./page-me", "oncall"]').min(1, {
        error: 'write at least the program',
      }),
      env: z.record(z.string(), z.string()),
    },
    ['kind', 'command'],
  ),
  credentials: ({ env = {} }) => Object.entries(env),
  send,
}

const inherited = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'SystemRoot']

/** In characters; the rest of the output is read and dropped. */
const mostOfOutput = 4000

/** How long to wait for output after the exit, in milliseconds: what the command has started may keep the streams open. */
const patienceMs = 250

async function send(channel: ExecChannel, notice: Notice, { name, signal, shown }: Attempt): Promise<Acceptance> {
  const { code, by, output } = await run(channel, webhookBody(notice), signal).catch(error => {
    throw cannotStart(name, error, shown)
  })
  const text = shown(output)
  if (code === 0) return { answer: 'the command exited with 0', text }
  if (signal.aborted) throw new NotTaken(`The command of channel ${name} did not end in time.`, 'no answer in time')
  const how = code === null ? `was ended by ${by}` : `exited with ${code}`
  throw new NotTaken(`The command of channel ${name} ${how}${text === '' ? '.' : `: ${text}`}`, `the command ${how}`)
}

interface Ended {
  code: number | null
  by: NodeJS.Signals | null
  output: string
}

/** Rejects if the command cannot be started. */
async function run({ command, env = {} }: ExecChannel, input: string, signal: AbortSignal): Promise<Ended> {
  const [program = '', ...args] = command
  const usual = Object.fromEntries(inherited.flatMap(key => (process.env[key] ? [[key, process.env[key]]] : [])))
  // A group of its own, so that what it starts ends with it.
  const child = withStreams(spawn(program, args, { env: { ...usual, ...env }, detached: true }))
  const exited = new Promise<Omit<Ended, 'output'>>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, by) => resolve({ code, by }))
  })
  // Ends the group also if this process is killed; if it cannot be started, only the timeout does.
  const watchdog = child.pid === undefined ? undefined : startWatchdog()
  if (child.pid !== undefined) watchdog?.send({ undo: 'processes', leader: child.pid })
  const closed = new Promise<void>(resolve => child.once('close', () => resolve()))
  const end = () => {
    if (child.pid !== undefined) endGroup(child.pid)
  }
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < mostOfOutput) output += text.slice(0, mostOfOutput - output.length)
    })
  }
  // A command that does not read its input closes the pipe.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const impatience = new AbortController()
  try {
    const { code, by } = await exited
    await Promise.race([closed, pause(patienceMs, undefined, { signal: impatience.signal }).catch(() => undefined)])
    return { code, by, output }
  } finally {
    impatience.abort()
    signal.removeEventListener('abort', end)
    end()
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
    watchdog?.close().catch(() => undefined)
  }
}

/** The machine has too little of something; another attempt may succeed. */
const shortages = ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']

function cannotStart(name: string, error: NodeJS.ErrnoException, shown: Attempt['shown']): Error {
  const { code = '', message } = error
  if (shortages.includes(code)) {
    const text = `The command of channel ${name} cannot be started: ${shown(message)}.`
    return new NotTaken(text, 'the command cannot be started')
  }
  // Its message contains the value, in an encoding in which a secret is not found.
  const reason =
    code === 'ERR_INVALID_ARG_VALUE' ? reasons[code] : [reasons[code] ?? [], shown(message)].flat().join(': ')
  return new Error(`The command of channel ${name} cannot be started: ${reason}. Write the path of a program.`)
}

const reasons: Record<string, string> = {
  ERR_INVALID_ARG_VALUE: 'the command or a variable contains a null byte',
  ENOENT: 'there is no such program, or not the one that the first line of the file names',
  EACCES: 'it is a folder, or not executable',
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
