/** A scenario that is understood and can be run: one test. */
import type { Token } from '../parse/document.ts'
import type { Json } from '../parse/json/json.ts'
import type { Place } from '../parse/source.ts'
import type { SentenceDefinition } from './sentence-definition.ts'

export interface CompiledScenario {
  title: string
  /** With their @. */
  tags: readonly string[]
  place: Place
  /** Of its row, if it is one of a table. */
  cells: readonly { name: string; value: Json }[]
  steps: readonly Step[]
}

export interface Step {
  /** As it was written, on one line. */
  text: string
  place: Place
  definition: SentenceDefinition
  arguments: readonly StepArgument[]
}

export interface StepArgument {
  parameter: string
  tokens: readonly Token[]
  /** Of `{sentence}`. */
  inner: Step | undefined
}

/** A step and those in it. */
export function withInner(step: Step): Step[] {
  return [step, ...step.arguments.flatMap(({ inner }) => (inner ? withInner(inner) : []))]
}
