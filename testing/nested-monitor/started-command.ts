/** Starts the bin in a process of its own, for tests that look at what it prints. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { text } from 'node:stream/consumers'

export interface StartedCommand {
  readonly process: ChildProcess
  readonly result: Promise<CommandResult>
}

export interface CommandResult {
  code: number | null
  stdout: string
  stderr: string
}

const root = path.join(import.meta.dirname, '../..')

/** @param how `folder` is where it is called, by default the repository; `within` a program that goes over to the bin. */
export function startCommand(
  args: readonly string[],
  {
    env = {},
    folder = root,
    within = [],
  }: { env?: NodeJS.ProcessEnv; folder?: string; within?: readonly string[] } = {},
): StartedCommand {
  const [program = '', ...rest] = [
    ...within,
    process.execPath,
    '--import',
    'tsx',
    path.join(root, 'cli/main.ts'),
    ...args,
  ]
  const child = spawn(program, rest, {
    cwd: folder,
    env: { ...ownEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const result = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { process: child, result: result.then(([stdout, stderr, [code]]) => ({ code, stdout, stderr })) }
}

/** Without what a worker of Playwright has, as this process is one. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => {
    return !/^(TEST_|PW_|REPRISE_|NODE_OPTIONS$|FORCE_COLOR$|DEBUG)/.test(name)
  })
  // Others may run here.
  return { ...Object.fromEntries(entries), NO_COLOR: '1', REPRISE_PORT: '0' }
}
