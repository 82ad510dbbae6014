// Follows a statement into the BEGIN ATOMIC ... END of a function or procedure, whose semicolons end no statement.

import { isKeyword } from './names.ts'
import type { Token } from './tokenizer.ts'

/** The position of a token relative to the body: before, in or after it. */
export type BodyStage = number

/** Nothing of the statement is read. */
export const START = 0
/** No body can follow any more; or it is over. */
export const NO_BODY = 1

/** The stage after a token that is neither a semicolon nor in parentheses. */
export function nextStage(stage: BodyStage, sql: string, token: Token): BodyStage {
  const is = (keyword: string) => token.kind === 'identifier' && isKeyword(sql, token.start, token.end, keyword)
  switch (stage) {
    case START:
      return is('create') ? CREATE : NO_BODY
    case CREATE:
      return is('or') ? OR : is('function') || is('procedure') ? HEADER : NO_BODY
    case OR:
      return is('replace') ? REPLACE : NO_BODY
    case REPLACE:
      return is('function') || is('procedure') ? HEADER : NO_BODY
    case BEGIN:
      // "begin" may be the name of a function, a type or a parameter: only the two words together open a body.
      return is('atomic') ? BODY_BETWEEN : is('begin') ? BEGIN : HEADER
    case HEADER:
      return is('begin') ? BEGIN : HEADER
    case BODY_BETWEEN:
      // CASE has an END too, and a column may have the name, but neither directly follows a semicolon.
      return is('end') ? NO_BODY : BODY
    default:
      return BODY
  }
}

/** The stage after a semicolon outside parentheses; START if it ends the statement. */
export function semicolonStage(stage: BodyStage): BodyStage {
  return stage === BODY || stage === BODY_BETWEEN ? BODY_BETWEEN : START
}

const CREATE = 2
const OR = 3
const REPLACE = 4
const HEADER = 5
const BEGIN = 6
const BODY_BETWEEN = 7
const BODY = 8
