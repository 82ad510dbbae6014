/** Runs the text of a simple Query: forwarded whole if it can be, else statement by statement. */

import { commandComplete, emptyQueryResponse, noticeResponse } from '../protocol/backend-messages.ts'
import { describeText, textRow } from '../protocol/data-rows.ts'
import { query, sync } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import type { Conversation } from '../server/request-pipeline.ts'
import type { Script } from '../sql/script.ts'
import type { ClientAnswers } from './client-responses.ts'
import type { StatementRunner } from './statement-runner.ts'

/** A stretch of a text that goes to the server in one message, or one command that is answered here. */
type Step = { from: number; to: number; answered: boolean }

/**
 * Undefined if nothing has to be waited for. Throws, or rejects with, a SessionError when the sandbox refuses a statement;
 * errors of the server have been passed on already.
 */
export function runSimpleQuery(
  script: Script,
  frame: Buffer,
  runner: StatementRunner,
  conversation: Conversation,
  answers: ClientAnswers,
): Promise<void> | undefined {
  const count = script.statements.length
  if (count === 0) {
    answers.add(emptyQueryResponse)
    return undefined
  }
  const alone = count === 1
  if (script.commands.some(command => runner.own.include(command, alone) || (!alone && runner.runsBeside(command)))) {
    return runInSteps(script, runner, conversation, answers)
  }
  const [command] = script.commands
  const warning = command && runner.own.warningFor(command, alone)
  if (warning) answers.add(noticeResponse(warning))
  return forward(script, { from: 0, to: count }, runner, conversation, frame)
}

/** A text with transaction control in it: whether a command is answered here depends on those before it. */
async function runInSteps(
  script: Script,
  runner: StatementRunner,
  conversation: Conversation,
  answers: ClientAnswers,
): Promise<void> {
  const fault = await runner.faultOf(script)
  if (fault) throw SessionError.from(fault)
  for (let at = 0; at < script.statements.length && !runner.hasFailed; ) {
    const step = nextStep(script, at, runner)
    if (step.answered) await answer(script, at, runner, answers)
    else await forward(script, step, runner, conversation)
    at = step.to
  }
}

function nextStep(script: Script, from: number, runner: StatementRunner): Step {
  const answeredHere = (at: number) => {
    const command = script.commands[at]
    return command !== undefined && runner.own.include(command, script.statements.length === 1)
  }
  if (answeredHere(from)) return { from, to: from + 1, answered: true }
  if (runner.runsBeside(script.commands[from])) return { from, to: from + 1, answered: false }
  let to = from + 1
  while (to < script.statements.length && !answeredHere(to) && !runner.runsBeside(script.commands[to])) to++
  return { from, to, answered: false }
}

async function answer(script: Script, at: number, runner: StatementRunner, answers: ClientAnswers): Promise<void> {
  const command = script.commands[at]
  const statement = script.statements[at]
  if (!command || !statement) return
  const { tag, row } = await runner.own.answer(command, statement.text, script.statements.length === 1)
  if (row) {
    answers.add(describeText(row.column))
    answers.add(textRow(row.value))
  }
  answers.complete(commandComplete(tag))
}

/** `whole`: the Query as it came, if this is all of it. */
async function forward(
  script: Script,
  step: Pick<Step, 'from' | 'to'>,
  runner: StatementRunner,
  conversation: Conversation,
  whole?: Buffer,
): Promise<void> {
  const entering = runner.enter(script.commands[step.from])
  if (entering) await entering
  for (let at = step.from; at < step.to; at++) {
    const command = script.commands[at]
    if (command && command.kind !== 'other') runner.note(command, script.statements[at]?.text ?? '')
  }
  // A simple Query destroys the unnamed statement.
  runner.lane.unnamedOwner = undefined
  const renamed = runner.names.inText(script, step.from, step.to, runner.lane.upstream)
  if (renamed !== undefined && runner.names.hasRun) {
    runner.follow(await conversation.untilReady(sync))
    if (runner.hasFailed) return
  }
  const message = whole ? (renamed === undefined ? whole : query(renamed)) : query(textOf(script, step, renamed))
  runner.follow(await conversation.untilReady(message))
}

/** The step's part of the text behind blanks, so that the position in an error is a position in the client's text. */
function textOf(script: Script, step: Pick<Step, 'from' | 'to'>, renamed: string | undefined): string {
  const first = script.statements[step.from]
  const last = script.statements[step.to - 1]
  if (!first || !last) return ''
  const sql = renamed ?? first.sql
  const end = last.end + sql.length - first.sql.length
  return first.sql.slice(0, first.start).replace(/[^\n]/gu, ' ') + sql.slice(first.start, end)
}
