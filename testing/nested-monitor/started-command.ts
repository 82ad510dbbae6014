/** Starts the bin in a process of its own, for tests that look at what it prints. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { commandLine } from '../built/built-modules.ts'
import { childEnvironment } from '../child-environment.ts'
import { root } from '../project-folder.ts'

export interface StartedCommand {
  readonly process: ChildProcess
  readonly result: Promise<CommandResult>
}

export interface CommandResult {
  code: number | null
  stdout: string
  stderr: string
}

/** @param how `folder` is where it is called, by default the repository; `within` a program that goes over to the bin. */
export function startCommand(
  args: readonly string[],
  {
    env = {},
    folder = root,
    within = [],
  }: { env?: NodeJS.ProcessEnv; folder?: string; within?: readonly string[] } = {},
): StartedCommand {
  const [program = '', ...rest] = [...within, ...commandLine(), ...args]
  const child = spawn(program, rest, {
    cwd: folder,
    // Other monitors may run here.
    env: childEnvironment({ REPRISE_PORT: '0', ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const result = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { process: child, result: result.then(([stdout, stderr, [code]]) => ({ code, stdout, stderr })) }
}
