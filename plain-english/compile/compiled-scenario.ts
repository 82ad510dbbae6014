/** A scenario that is ready to run, as one test: each step is a sentence with its definition. */
import type { Token } from '../parse/document.ts'
import type { Json } from '../parse/json/json.ts'
import type { Place } from '../parse/source.ts'
import type { SentenceDefinition } from './sentence-definition.ts'

export interface CompiledScenario {
  title: string
  /** With the leading @. */
  tags: readonly string[]
  place: Place
  /** The variables of its row, if it has a table. */
  cells: readonly { name: string; value: Json }[]
  steps: readonly Step[]
}

export interface Step {
  /** The sentence as written, with white space collapsed. */
  text: string
  place: Place
  definition: SentenceDefinition
  arguments: readonly StepArgument[]
}

export interface StepArgument {
  parameter: string
  tokens: readonly Token[]
  /** For the parameter `{sentence}`. */
  inner: Step | undefined
}

/** The step and, recursively, the steps in its arguments. */
export function withInner(step: Step): Step[] {
  return [step, ...step.arguments.flatMap(({ inner }) => (inner ? withInner(inner) : []))]
}
