/** Calls a command in this process, for tests of its output; some tests of each command start a process instead. */
import path from 'node:path'
import type { CommandResult } from '../../testing/nested-monitor/started-command.ts'
import { runCommand } from '../commands.ts'

/** @param how `folder` is the working directory, by default the repository; `env` is the whole environment. */
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
