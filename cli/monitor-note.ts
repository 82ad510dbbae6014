/** `reprise monitor note`: adds a note to an incident. */
import { writeNote } from '../monitor/store/acknowledgements.ts'
import type { Command, Invocation } from './command.ts'
import { asOperator, incidentNumber, operatorHelp, operatorOptions } from './operator-command.ts'
import { readArguments } from './read-arguments.ts'

export const monitorNote: Command = {
  help: `Usage: npx reprise monitor note ID TEXT

Adds a note to an incident, also to a closed one. Operators see it on the page of the incident.

${operatorHelp}

Exit code: 0; 2 an error of the command, such as an incident that does not exist.

Examples:
  npx reprise monitor note 7 "caused by the new index"`,

  async run(invocation: Invocation): Promise<number> {
    const { values, positionals } = readArguments('monitor note', invocation.args, operatorOptions)
    const [id, text, ...more] = positionals
    if (id === undefined || !text?.trim() || more.length > 0)
      throw new Error('monitor note needs the number of an incident, and a text in quotation marks; see --help.')
    const incident = incidentNumber(id)
    await asOperator(invocation, values, (pool, operator) => writeNote(pool, incident, operator, text.trim()))
    invocation.print(`Noted on incident ${incident}.`)
    return 0
  },
}
