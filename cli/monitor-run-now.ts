/** `reprise monitor run-now`: asks the running monitors to replay checks. */
import { requestRun } from '../monitor/store/requested-runs.ts'
import type { Command, Invocation } from './command.ts'
import { asOperator, operatorHelp, operatorOptions } from './operator-command.ts'
import { readArguments } from './read-arguments.ts'

export const monitorRunNow: Command = {
  help: `Usage: npx reprise monitor run-now CHECK...

Requests a replay of each check at each of its locations, from the monitors that run there. It does not wait for the
result: npx reprise monitor run --record replays in this process, and shows it.

${operatorHelp}

Exit code: 0, also if an earlier request still waits; 2 an error of the command, such as a check that is not monitored.

Examples:
  npx reprise monitor run-now users`,

  async run(invocation: Invocation): Promise<number> {
    const { values, positionals } = readArguments('monitor run-now', invocation.args, operatorOptions)
    if (positionals.length === 0) throw new Error('monitor run-now needs the name of a check; see --help.')
    await asOperator(invocation, values, async (pool, operator) => {
      for (const check of positionals) {
        const isNew = await requestRun(pool, check, operator)
        invocation.print(
          isNew ? `A replay of ${check} is requested.` : `A replay of ${check} was requested before, and waits.`,
        )
      }
    })
    return 0
  },
}
