/** Runs the text of a simple Query: forwarded whole if it can be, else statement by statement. */
import type { Conversation } from './conversation.ts'
import { SessionError } from './session-error.ts'
import type { Script } from './sql/script.ts'
import type { StatementRunner } from './statement-runner.ts'
import { commandComplete, emptyQueryResponse, noticeResponse } from './wire/backend.ts'
import { query } from './wire/frontend.ts'
import { describeText, textRow } from './wire/rows.ts'

/** A stretch of a text that goes to the server in one message, or one command that is answered here. */
type Step = { from: number; to: number; answered: boolean }

/** Throws a SessionError when the sandbox refuses a statement; errors of the server have been passed on already. */
export async function runSimpleQuery(
  script: Script,
  frame: Buffer,
  runner: StatementRunner,
  conversation: Conversation,
  reply: (bytes: Buffer) => void,
): Promise<void> {
  if (script.statements.length === 0) {
    reply(emptyQueryResponse)
    return
  }
  const alone = script.statements.length === 1
  if (!script.commands.some(command => runner.answers(command, alone) || (!alone && runner.runsBeside(command)))) {
    const [command] = script.commands
    const warning = command && runner.warningFor(command, alone)
    if (warning) reply(noticeResponse(warning))
    await forward(
      script,
      { from: 0, to: script.statements.length },
      sql => (sql ? query(sql) : frame),
      runner,
      conversation,
    )
    return
  }
  const fault = await runner.faultOf(script)
  if (fault) throw SessionError.from(fault)
  // A text with transaction control in it: whether a command is answered here depends on those before it.
  for (let at = 0; at < script.statements.length && !runner.hasFailed; ) {
    const step = nextStep(script, at, runner)
    if (step.answered) await answer(script, at, runner, reply)
    else await forward(script, step, sql => query(textOf(script, step, sql)), runner, conversation)
    at = step.to
  }
}

function nextStep(script: Script, from: number, runner: StatementRunner): Step {
  const answeredHere = (at: number) => {
    const command = script.commands[at]
    return command !== undefined && runner.answers(command, script.statements.length === 1)
  }
  if (answeredHere(from)) return { from, to: from + 1, answered: true }
  if (runner.runsBeside(script.commands[from])) return { from, to: from + 1, answered: false }
  let to = from + 1
  while (to < script.statements.length && !answeredHere(to) && !runner.runsBeside(script.commands[to])) to++
  return { from, to, answered: false }
}

async function answer(
  script: Script,
  at: number,
  runner: StatementRunner,
  reply: (bytes: Buffer) => void,
): Promise<void> {
  const command = script.commands[at]
  const statement = script.statements[at]
  if (!command || !statement) return
  const { tag, row } = await runner.answer(command, statement.text, script.statements.length === 1)
  if (row) {
    reply(describeText(row.column))
    reply(textRow(row.value))
  }
  reply(commandComplete(tag))
}

/** `message`: makes the Query, if need be of a text in which names were replaced. */
async function forward(
  script: Script,
  { from, to }: { from: number; to: number },
  message: (sql?: string) => Buffer,
  runner: StatementRunner,
  conversation: Conversation,
): Promise<void> {
  await runner.enter(script.commands[from])
  for (let at = from; at < to; at++) {
    const command = script.commands[at]
    if (command && command.kind !== 'other') runner.note(command, script.statements[at]?.text ?? '')
  }
  // A simple Query destroys the unnamed statement.
  runner.lane.unnamedOwner = undefined
  runner.follow(await conversation.untilReady(message(runner.nameInText(script, from, to))))
}

/** The step's part of the text behind blanks, so that the position in an error is a position in the client's text. */
function textOf(script: Script, step: Step, renamed: string | undefined): string {
  const first = script.statements[step.from]
  const last = script.statements[step.to - 1]
  if (!first || !last) return ''
  const sql = renamed ?? first.sql
  const end = last.end + sql.length - first.sql.length
  return first.sql.slice(0, first.start).replace(/[^\n]/gu, ' ') + sql.slice(first.start, end)
}
