/** A scenario that is ready to run, as one test: each step is a sentence with its definition. */
import type { Token } from '../parse/document.ts'
import type { Json } from '../parse/json/json.ts'
import type { Place } from '../parse/source.ts'
import type { SentenceDefinition } from './sentence-definition.ts'

export interface CompiledScenario {
  title: string
  /** With the leading @. */
  tags: readonly string[]
  /** The texts of the comments above it. */
  comments: readonly string[]
  place: Place
  /** The variables of its row, if it has a table. */
  cells: readonly { name: string; value: Json }[]
  steps: readonly Step[]
}

export interface Step {
  /** The sentence as written, with white space collapsed. */
  text: string
  place: Place
  /** The absolute path of the file that it was included from; undefined: the file of the scenario. */
  file: string | undefined
  /** The comments above it, and above the `Include` that it is the first step of. */
  comments: readonly StepComment[]
  definition: SentenceDefinition
  arguments: readonly StepArgument[]
}

/** The file is like that of a step. */
interface StepComment {
  text: string
  place: Place
  file: string | undefined
}

export interface StepArgument {
  parameter: string
  tokens: readonly Token[]
  /** For the parameter `{sentence}`. */
  inner: Step | undefined
  /** For the parameter `{login}`: the steps of the login. */
  steps: readonly Step[] | undefined
  /** For the parameter `{login}`: the absolute path of the file that defines it, if any, and the line. */
  definedAt?: { file: string | undefined; line: number } | undefined
}

/** The step and, recursively, the steps in its arguments. */
export function withInner(step: Step): Step[] {
  const inner = step.arguments.flatMap(({ inner, steps = [] }) => [...(inner ? [inner] : []), ...steps])
  return [step, ...inner.flatMap(withInner)]
}
