/** `reprise monitor acknowledge`: shows that someone works on an incident. */
import { acknowledge, unacknowledge } from '../monitor/store/acknowledgements.ts'
import { utcText } from '../monitor/utc-text.ts'
import type { Command, Invocation } from './command.ts'
import { asOperator, incidentNumber, operatorHelp, operatorOptions } from './operator-command.ts'
import { readArguments } from './read-arguments.ts'

export const monitorAcknowledge: Command = {
  help: `Usage: npx reprise monitor acknowledge ID [--note TEXT] [--undo]

Acknowledges an open incident: its flapping is not alerted any more, its recovery and further checks that fall are.

  --note TEXT     recorded with it
  --undo          takes the acknowledgement back
${operatorHelp}

Exit code: 0 it is acknowledged, also if it was before; 2 an error of the command, such as an incident that is closed.

Examples:
  npx reprise monitor acknowledge 7
  npx reprise monitor acknowledge 7 --note "the new index, rolling back"`,

  async run(invocation: Invocation): Promise<number> {
    const { values, positionals } = readArguments('monitor acknowledge', invocation.args, {
      ...operatorOptions,
      note: { type: 'string' },
      undo: { type: 'boolean' },
    } as const)
    const [id, ...more] = positionals
    if (id === undefined || more.length > 0)
      throw new Error('monitor acknowledge needs the number of one incident; see --help.')
    const incident = incidentNumber(id)
    const { note } = values
    invocation.print(
      await asOperator(invocation, values, async (pool, operator) => {
        if (values.undo) {
          const wasSo = await unacknowledge(pool, incident, operator)
          return `Incident ${incident} is ${wasSo ? 'not acknowledged any more' : 'not acknowledged'}.`
        }
        const { operator: name, at, isNew } = await acknowledge(pool, incident, { operator, note })
        return isNew
          ? `Incident ${incident} is acknowledged by ${name}.`
          : `Incident ${incident} was acknowledged by ${name} at ${utcText(at)}.`
      }),
    )
    return 0
  },
}
