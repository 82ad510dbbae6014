/** Calls a command in this process, for tests about what it says; what a process adds is tested by some of each command. */
import path from 'node:path'
import type { CommandResult } from '../../testing/nested-monitor/started-command.ts'
import { runCommand } from '../commands.ts'

/** @param how `folder` is where it is called, by default the repository; `env` is all of its environment. */
export async function callCommand(
  args: readonly string[],
  { env = {}, folder = path.join(import.meta.dirname, '../..') }: { env?: NodeJS.ProcessEnv; folder?: string } = {},
): Promise<CommandResult> {
  let [stdout, stderr] = ['', '']
  const code = await runCommand({
    args,
    env,
    folder,
    colours: false,
    progress: () => undefined,
    print: text => {
      stdout += `${text}\n`
    },
    complain: text => {
      stderr += `${text}\n`
    },
    stopRequest: async () => undefined,
  })
  return { code, stdout, stderr }
}
