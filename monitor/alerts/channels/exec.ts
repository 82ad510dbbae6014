/** A command that is started for each message, which it reads from its standard input. */
import { spawn } from 'node:child_process'
import { z } from 'zod'
import { settings, strings } from '../../schema-parts.ts'
import type { Attempt, ChannelKind } from '../channel-kind.ts'
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

async function send({ command, env = {} }: ExecChannel, notice: Notice, { name, signal, shown }: Attempt) {
  const [program = '', ...args] = command
  const usual = Object.fromEntries(inherited.flatMap(key => (process.env[key] ? [[key, process.env[key]]] : [])))
  // A group of its own, so that what it starts ends with it.
  const child = spawn(program, args, { env: { ...usual, ...env }, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < mostOfOutput) output += text.slice(0, mostOfOutput - output.length)
    })
  }
  const end = () => {
    if (child.pid !== undefined) endGroup(child.pid)
  }
  signal.addEventListener('abort', end)
  const ended = new Promise<{ code: number | null; by: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject)
    // Not "close": what it has started may keep the streams open.
    child.once('exit', (code, by) => resolve({ code, by }))
  })
  // A command that does not read its input closes the pipe.
  child.stdin.on('error', () => undefined)
  child.stdin.end(webhookBody(notice))
  try {
    const { code, by } = await ended
    if (signal.aborted) throw new NotTaken(`The command of channel ${name} did not end in time.`, 'no answer in time')
    const text = shown(output)
    if (code === 0) return { answer: 'the command exited with 0', text }
    const how = code === null ? `was ended by ${by}` : `exited with ${code}`
    throw new NotTaken(`The command of channel ${name} ${how}${text === '' ? '.' : `: ${text}`}`, `the command ${how}`)
  } catch (error) {
    if (error instanceof NotTaken) throw error
    throw new Error(
      `The command of channel ${name} cannot be started: ${shown((error as Error).message)}. Write the path of a program.`,
    )
  } finally {
    signal.removeEventListener('abort', end)
    end()
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
  }
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
