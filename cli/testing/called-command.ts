/** Calls a command in this process, for tests of its output; some tests of each command start a process instead. */
import path from 'node:path'
import type { CommandResult } from '../../testing/nested-monitor/started-command.ts'
import { runCommand } from '../commands.ts'

interface Calling {
  /** The whole environment. */
  env?: NodeJS.ProcessEnv
  /** The working directory, by default the repository. */
  folder?: string
  /** Answers questions, as on a terminal. */
  ask?: (question: string, fallback: string) => Promise<string>
}

export async function callCommand(
  args: readonly string[],
  { env = {}, folder = path.join(import.meta.dirname, '../..'), ask }: Calling = {},
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
    ask,
    stopRequest: async () => undefined,
  })
  return { code, stdout, stderr }
}
