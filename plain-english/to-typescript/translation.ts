/** How a sentence is written as TypeScript. */
import type { StepArgument } from '../compile/compiled-scenario.ts'
import type { ScenarioCode } from './scenario-code.ts'

/**
 * Adds the lines of a sentence to the code. Throws `Untranslatable` if it cannot. By expression of the sentence.
 * @param inner Adds the lines of the sentence in the argument.
 */
export type Translation = (code: ScenarioCode, values: StepArgument[], inner: (argument: StepArgument) => void) => void

export type Translations = Readonly<Record<string, Translation>>

/** The value at an index. The vocabulary guarantees that it is there. */
export function at(values: readonly StepArgument[], index: number): StepArgument {
  const value = values[index]
  if (!value) throw new RangeError(`A sentence has ${values.length} values, so that there is none at ${index}.`)
  return value
}
